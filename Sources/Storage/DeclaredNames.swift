/// The names that the operator has declared. They are told apart whatever the limits are, so that invented ones can push
/// no real one out.
public struct DeclaredNames: Hashable, Sendable {
    public struct Rule: Hashable, Sendable {
        public let outcomes: Set<DimensionName>
        /// Under any of the rule's outcomes.
        public let conversions: Set<DimensionName>

        public init(outcomes: Set<DimensionName> = [], conversions: Set<DimensionName> = []) {
            self.outcomes = outcomes
            self.conversions = conversions
        }
    }

    public struct Site: Hashable, Sendable {
        public let rules: [DimensionName: Rule]
        /// Whether the declared rules are the only ones that are told apart.
        public let isClosed: Bool

        public init(rules: [DimensionName: Rule], isClosed: Bool = false) {
            self.rules = rules
            self.isClosed = isClosed
        }
    }

    public let sites: [DimensionName: Site]

    public init(sites: [DimensionName: Site]) {
        self.sites = sites
    }

    public static let none = DeclaredNames(sites: [:])
}
