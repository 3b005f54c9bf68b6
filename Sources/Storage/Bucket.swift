/// A range of time, and what there is in it.
public struct Bucket<Content: Sendable>: Sendable {
    public let range: Range<Quarter>
    public let content: Content

    public init(_ range: Range<Quarter>, _ content: Content) {
        self.range = range
        self.content = content
    }
}

extension Bucket: Equatable where Content: Equatable {}
