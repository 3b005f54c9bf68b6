/// What a visitor did after being shown an outcome.
public struct Conversion: Hashable, Sendable {
    /// The id of one version of a rule, opaque: `article-22`.
    public let ruleID: String
    /// The outcome that was shown, opaque, usually a path through the rule: `graph/1#1,graph/1#2`.
    public let outcomeID: String
    /// What was done: `REGISTERED`, `CUSTOMER`, or any name of the site's own.
    public let name: String

    public init(ruleID: String, outcomeID: String, name: String) {
        self.ruleID = ruleID
        self.outcomeID = outcomeID
        self.name = name
    }
}
