import ConfigurationFile
import Storage

/// The rule versions of a site that have records, the one with the latest event first.
public struct RulesReport: Codable, Sendable, Equatable {
    public struct Rule: Codable, Sendable, Equatable {
        /// nil for all those together that came when the limit of rules was reached.
        public let ruleId: String?
        /// What people call it; nil where none is declared.
        public let name: String?
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

    public let site: String
    public let rules: [Rule]

    /// Those that are hidden, or all others.
    public func rules(hidden isHidden: Bool) -> [Rule] {
        rules.filter { ($0.hidden == true) == isHidden }
    }

    init(site: String, summaries: [RuleSummary], names: Rules = .none) {
        self.site = site
        rules = summaries.map { summary in
            Rule(
                ruleId: summary.rule.named, name: summary.rule.named.flatMap { names.name(ofRule: $0, site: site) },
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
