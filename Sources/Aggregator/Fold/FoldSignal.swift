/// Tells the fold that there is something new. Signals that come while it works are one.
public struct FoldSignal: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    public init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public func send() {
        continuation.yield()
    }

    /// There will be nothing new any more.
    func finish() {
        continuation.finish()
    }
}
