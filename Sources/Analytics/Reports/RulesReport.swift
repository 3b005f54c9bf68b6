import ConfigurationFile
import Storage

/// The rule versions of a site that have records, the one with the latest event first.
public struct RulesReport: Codable, Sendable, Equatable {
    public struct Rule: Codable, Sendable, Equatable {
        /// nil for all those together that came when the limit of rules was reached.
        public let ruleId: String?
        /// What people call it; nil where none is declared.
        public let name: String?
        public let owner: String?
        /// What was decided, and on which day, `2026-11-30`; nil while nothing is.
        public let decision: String?
        public let decided: String?
        /// `true` where a group is declared; nil elsewhere.
        public let test: Bool?
        /// What the id probably is where it is not declared and looks like a mistake of a page: a sentence. nil elsewhere.
        public let mistake: String?
        public let firstEvent: Timestamp
        public let lastEvent: Timestamp
        /// All recorded calls, repeats included.
        public let exposures: Int
        public let conversions: Int
        /// How many outcomes are told apart.
        public let outcomes: Int
        /// `true` where it is to be left out of what people read; nil elsewhere.
        public let hidden: Bool?
    }

    /// A rule version that is declared.
    public struct Declared: Codable, Sendable, Equatable {
        public let ruleId: String
        /// What people call it; nil where none is declared.
        public let name: String?
        public let owner: String?
        /// What was decided, and on which day, `2026-11-30`; nil while nothing is.
        public let decision: String?
        public let decided: String?
        /// `true` where a group is declared; nil elsewhere.
        public let test: Bool?
    }

    public let site: String
    /// As ``OutcomesReport`` has it.
    public let asOf: Timestamp
    public let rules: [Rule]
    /// Those that are declared and have no record, by id.
    public let unseen: [Declared]

    /// Those that are hidden, or all others.
    public func rules(hidden isHidden: Bool) -> [Rule] {
        rules.filter { ($0.hidden == true) == isHidden }
    }

    init(site: String, summaries: [RuleSummary], names: Rules = .none, asOf: Quarter) {
        self.site = site
        self.asOf = Timestamp(milliseconds: asOf.startMilliseconds)
        let declared = names.sites[site]?.rules ?? [:]
        let seen = Set(summaries.compactMap { $0.rule.named.map { OpaqueID($0) } })
        unseen = declared.filter { !seen.contains($0.key) }.sorted { $0.key < $1.key }.map { id, rule in
            Declared(
                ruleId: id.text, name: rule.name, owner: rule.test.owner, decision: rule.test.decision?.text,
                decided: rule.test.decision?.day, test: rule.groups.isEmpty ? nil : true)
        }
        let mistakes = MistakenIDs(declared: declared.keys.map(\.text).sorted())
        rules = summaries.map { summary in
            let id = summary.rule.named
            let test = id.map { names.test(ofRule: $0, site: site) }
            let isDeclared = id.map { declared[OpaqueID($0)] != nil } ?? true
            return Rule(
                ruleId: id, name: id.flatMap { names.name(ofRule: $0, site: site) }, owner: test?.owner,
                decision: test?.decision?.text, decided: test?.decision?.day,
                test: id.flatMap { declared[OpaqueID($0)]?.groups.isEmpty } == false ? true : nil,
                mistake: isDeclared ? nil : id.flatMap(mistakes.explanation),
                firstEvent: Timestamp(milliseconds: summary.firstEventMilliseconds),
                lastEvent: Timestamp(milliseconds: summary.lastEventMilliseconds), exposures: summary.exposures,
                conversions: summary.conversions, outcomes: summary.outcomes, hidden: summary.isHidden ? true : nil)
        }
    }
}

extension DimensionName {
    /// The name itself; nil for what is counted under no name of its own.
    var named: String? {
        switch self {
        case .named(let name): name
        case .other: nil
        }
    }
}

/// The sites that are configured or have records, by name.
public struct SitesReport: Codable, Sendable, Equatable {
    public let sites: [String]
}
