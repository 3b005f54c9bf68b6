/// Tells the fold that there is something new. Signals that come while it works are one.
struct FoldSignal: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func send() {
        continuation.yield()
    }

    /// There will be nothing new any more.
    func finish() {
        continuation.finish()
    }
}
