/// The ids under one rule version that are declared, each list sorted by bytes.
public struct DeclaredIDs: Sendable, Equatable {
    public struct Outcome: Sendable, Equatable {
        public var id: String
        /// The primary conversion of the group that the outcome is in; empty when it is in none.
        public var conversions: [String]

        public init(id: String, conversions: [String]) {
            self.id = id
            self.conversions = conversions
        }
    }

    public var rule: String
    /// Those that have a name or are in a group.
    public var outcomes: [Outcome]

    public init(rule: String, outcomes: [Outcome]) {
        self.rule = rule
        self.outcomes = outcomes
    }

    init(rule: String, declared: DeclaredRule) {
        var conversions: [OpaqueID: [String]] = declared.outcomeNames.mapValues { _ in [] }
        for group in declared.groups {
            for share in group.shares { conversions[share.outcome, default: []].append(group.conversion.text) }
        }
        let outcomes = conversions.sorted { $0.key < $1.key }
        self.init(rule: rule, outcomes: outcomes.map { Outcome(id: $0.key.text, conversions: $0.value) })
    }
}
