/// How much of its limits a site uses.
public struct DimensionUse: Hashable, Sendable {
    public let site: String
    /// How many rule versions are told apart.
    public let rules: Int
    /// How many outcomes are told apart under the rule version that has the most.
    public let outcomesOfFullestRule: Int

    public init(site: String, rules: Int, outcomesOfFullestRule: Int) {
        self.site = site
        self.rules = rules
        self.outcomesOfFullestRule = outcomesOfFullestRule
    }
}
