/// What may be said of an outcome beside its group's baseline.
public struct Verdict: Codable, Sendable, Equatable {
    public enum Word: String, Codable, Sendable {
        case better
        case worse
        case noDifferenceShownYet = "no difference shown yet"
        case cannotBeCompared = "cannot be compared"
        case maturing
        /// It is what the others are compared with.
        case baseline
    }

    public let word: Word
    /// Why, in one sentence; nil where the word says it all.
    public let reason: String?

    public init(_ word: Word, _ reason: String? = nil) {
        self.word = word
        self.reason = reason
    }
}
