/// One rule version in the list of a site's.
public struct RuleSummary: Hashable, Sendable {
    public let rule: DimensionName
    /// The time of its earliest event: milliseconds since 1970, UTC.
    public let firstEventMilliseconds: Int64
    public let lastEventMilliseconds: Int64
    /// All recorded calls, repeats included.
    public let exposures: Int
    public let conversions: Int
    /// How many of its outcomes are told apart, `other` counting as one.
    public let outcomes: Int

    public init(
        rule: DimensionName, firstEventMilliseconds: Int64, lastEventMilliseconds: Int64, exposures: Int,
        conversions: Int, outcomes: Int
    ) {
        self.rule = rule
        self.firstEventMilliseconds = firstEventMilliseconds
        self.lastEventMilliseconds = lastEventMilliseconds
        self.exposures = exposures
        self.conversions = conversions
        self.outcomes = outcomes
    }
}
