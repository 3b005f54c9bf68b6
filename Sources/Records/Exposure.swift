/// An outcome that a visitor was shown.
public struct Exposure: Hashable, Sendable {
    /// The id of one version of a rule, opaque: `article-22`.
    public let ruleID: String
    /// The outcome that was shown, opaque, usually a path through the rule: `graph/1#1,graph/1#2`.
    public let outcomeID: String

    public init(ruleID: String, outcomeID: String) {
        self.ruleID = ruleID
        self.outcomeID = outcomeID
    }
}
