/// How many names a store tells apart, so that invented ones cannot exhaust it.
///
/// Names count in the order in which they first arrive. Records under further names are counted as
/// `DimensionName.other`, as exactly as any. What belongs to an `other` rule or site is of many, so its outcomes (and
/// rules) are `other` as well; its conversions keep their names.
public struct DimensionLimits: Hashable, Sendable {
    public let sitesMax: Int
    public let rulesPerSiteMax: Int
    public let outcomesPerRuleMax: Int
    public let conversionsPerOutcomeMax: Int

    public init(
        sitesMax: Int = 1000, rulesPerSiteMax: Int = 10_000, outcomesPerRuleMax: Int = 500,
        conversionsPerOutcomeMax: Int = 50
    ) {
        self.sitesMax = sitesMax
        self.rulesPerSiteMax = rulesPerSiteMax
        self.outcomesPerRuleMax = outcomesPerRuleMax
        self.conversionsPerOutcomeMax = conversionsPerOutcomeMax
    }
}
