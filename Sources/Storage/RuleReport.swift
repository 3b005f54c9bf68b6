/// Everything counted under one rule version.
public struct RuleReport: Hashable, Sendable {
    public let rule: DimensionName
    /// Sorted by name, `other` last.
    public let outcomes: [OutcomeReport]

    public init(rule: DimensionName, outcomes: [OutcomeReport]) {
        self.rule = rule
        self.outcomes = outcomes
    }
}
