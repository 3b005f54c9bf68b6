import Records

/// Everything `rules.yaml` says, checked: which rule versions there are, and what people call them.
public struct Rules: Sendable, Equatable {
    /// By the site's name in the configuration.
    public var sites: [String: SiteRules]
    /// What the file allows and yet may not say what was meant, in the order of its lines.
    public var doubts: [ConfigurationError]

    public init(sites: [String: SiteRules], doubts: [ConfigurationError] = []) {
        self.sites = sites
        self.doubts = doubts
    }

    /// What holds where there is no such file.
    public static let none = Rules(sites: [:])
}

extension DeclaredRule {
    /// The ids of all outcomes that are declared in any way.
    public var outcomeIDs: Set<OpaqueID> {
        Set(outcomeNames.keys).union(outcomePlaces.keys).union(groups.flatMap { $0.shares.map(\.outcome) })
    }
}

extension Rules {
    /// How many rule versions are declared, over all sites.
    public var count: Int {
        sites.values.reduce(0) { $0 + $1.rules.count }
    }

    /// What people call a rule version; nil when it has no name but its id.
    public func name(ofRule id: String, site: String) -> String? {
        rule(id, site: site)?.name
    }

    /// What people call an outcome of a rule version; nil when it has no name but its id.
    public func name(ofOutcome id: String, rule: String, site: String) -> String? {
        self.rule(rule, site: site)?.outcomeNames[OpaqueID(id)]
    }

    /// Where an outcome of a rule version stands in Zephr's own export, as far as that is declared.
    public func place(ofOutcome id: String, rule: String, site: String) -> OutcomePlace {
        self.rule(rule, site: site)?.outcomePlaces[OpaqueID(id)] ?? OutcomePlace()
    }

    /// What people call a step on the way to outcomes of a rule version, declared for the whole way to it or, wherever it stands, for
    /// the step alone; nil when it has no name but its id.
    ///
    /// - Parameter way: the ids of all steps to it, its own the last.
    public func name(ofStep way: [String], rule: String, site: String) -> String? {
        guard let names = self.rule(rule, site: site)?.stepNames, !names.isEmpty, let step = way.last else {
            return nil
        }
        return names[OpaqueID(way.joined(separator: ","))] ?? names[OpaqueID(step)]
    }

    /// What is said of a rule version's test beside its names and groups.
    public func test(ofRule id: String, site: String) -> DeclaredTest {
        rule(id, site: site)?.test ?? DeclaredTest()
    }

    /// What is allowed and yet deserves a word: doubts, and groups that need visitors for longer than `sites` keep them. It is
    /// placed in the file of rules.
    public func warnings(sites configured: [String: SiteConfiguration], file: String) -> [ConfigurationError] {
        doubts + longGroups(configured, file: file)
    }

    private func longGroups(_ configured: [String: SiteConfiguration], file: String) -> [ConfigurationError] {
        sites.sorted { $0.key < $1.key }.flatMap { name, site in
            site.rules.sorted { $0.key < $1.key }.flatMap { id, rule in
                rule.groups.compactMap { group in
                    // Visitors of one window at least, and the window of the last of them.
                    let days = 2 * group.windowDays
                    guard let kept = configured[name]?.retentionDays, kept < days else { return nil }
                    return ConfigurationError(
                        file: file, line: nil,
                        message:
                            "group \(group.name.shown) of rule \(id.text.shown) needs its visitors for \(days) days at least, "
                            + "two of its windows, and `sites.\(name).retentionDays` is \(kept): they are kept for as long as "
                            + "the group is declared; take it out once it is decided, or make one of the two fit")
                }
            }
        }
    }

    private func rule(_ id: String, site: String) -> DeclaredRule? {
        sites[site]?.rules[OpaqueID(id)]
    }

    /// Reads and checks the file of rules that `configuration` names; `none` where it names none.
    public static func load(for configuration: Configuration) throws(ConfigurationErrors) -> Rules {
        guard let path = configuration.rules else { return .none }
        return try load(path: path, sites: Set(configuration.sites.keys))
    }

    /// Reads and checks the file of rules at `path`, as `Configuration.load(path:)` does its own. `sites` are those of
    /// the configuration, which the file may have no others than; nil when they are not known.
    public static func load(path: String, sites: Set<String>?) throws(ConfigurationErrors) -> Rules {
        let remedy = "write it, or take `rules` out of the configuration"
        return try parse(text: ConfigurationText.text(path: path, missing: remedy), file: path, sites: sites)
    }

    /// Checks `text` as if it stood in `file`. Nothing is read from disk.
    public static func parse(text: String, file: String, sites: Set<String>?) throws(ConfigurationErrors) -> Rules {
        let document = try YAMLDocument(text: text, file: file, content: "the section `sites`")
        var reader = RulesReader(file: file, source: document.source, knownSites: sites)
        // Rules are nil only after the reason for it was noted, so there is an error to throw.
        guard let rules = reader.rules(document.root), reader.notes.errors.isEmpty else {
            throw ConfigurationErrors(reader.notes.errors)
        }
        return rules
    }
}

/// What `rules.yaml` says of one site.
public struct SiteRules: Sendable, Equatable {
    /// Whether rule versions that are not declared here are counted together, under one name.
    public var onlyDeclared: Bool
    public var rules: [OpaqueID: DeclaredRule]
    /// The rule versions, of those declared here, that features stand for, by the ids of the features. No feature's id is
    /// also a rule version's.
    public var features: [OpaqueID: OpaqueID]

    public init(
        onlyDeclared: Bool = false, rules: [OpaqueID: DeclaredRule], features: [OpaqueID: OpaqueID] = [:]
    ) {
        self.onlyDeclared = onlyDeclared
        self.rules = rules
        self.features = features
    }
}

/// What `rules.yaml` says of one rule version.
public struct DeclaredRule: Sendable, Equatable {
    /// For people; nil when it has no name but its id.
    public var name: String?
    public var test: DeclaredTest
    /// What people call outcomes, by their ids.
    public var outcomeNames: [OpaqueID: String]
    /// Where outcomes stand in Zephr's own export, by their ids. Nothing is counted by it.
    public var outcomePlaces: [OpaqueID: OutcomePlace]
    /// What people call steps on the way to outcomes, by the way to each as an outcome's id has it, or by its own id.
    public var stepNames: [OpaqueID: String]
    /// In the order of the file. No outcome is in two of them.
    public var groups: [OutcomeGroup]

    public init(
        name: String? = nil, test: DeclaredTest = DeclaredTest(), outcomeNames: [OpaqueID: String] = [:],
        outcomePlaces: [OpaqueID: OutcomePlace] = [:], stepNames: [OpaqueID: String] = [:],
        groups: [OutcomeGroup] = []
    ) {
        self.name = name
        self.test = test
        self.outcomeNames = outcomeNames
        self.outcomePlaces = outcomePlaces
        self.stepNames = stepNames
        self.groups = groups
    }
}

/// Where an outcome stands in a rule of Zephr's, as Zephr's own export tells it.
public struct OutcomePlace: Sendable, Hashable {
    /// The canvas of the user type that it is on; nil where that is not declared.
    public var tab: String?
    /// The way on that canvas; nil where that is not declared.
    public var path: String?

    public init(tab: String? = nil, path: String? = nil) {
        self.tab = tab
        self.path = path
    }
}

/// What people want to know of a test beside its numbers. Nothing is counted by it, and it may be changed at any time.
public struct DeclaredTest: Sendable, Equatable {
    /// What was decided, and on which day: `2026-11-30`.
    public struct Decision: Sendable, Equatable {
        public var text: String
        public var day: String

        public init(text: String, day: String) {
            self.text = text
            self.day = day
        }
    }

    public var hypothesis: String?
    public var owner: String?
    /// nil while nothing is decided.
    public var decision: Decision?

    public init(hypothesis: String? = nil, owner: String? = nil, decision: Decision? = nil) {
        self.hypothesis = hypothesis
        self.owner = owner
        self.decision = decision
    }
}

/// Outcomes of one rule version that visitors are assigned to at random.
public struct OutcomeGroup: Sendable, Equatable {
    /// An outcome, and how many visitors are assigned to it in proportion to the others.
    public struct Share: Sendable, Equatable {
        public var outcome: OpaqueID
        /// At least 1.
        public var weight: Int

        public init(outcome: OpaqueID, weight: Int) {
            self.outcome = outcome
            self.weight = weight
        }
    }

    /// A conversion whose rate must not be lower than the baseline's by more than a margin.
    public struct Guardrail: Sendable, Equatable {
        public var conversion: OpaqueID
        /// Of rates: 0.01 is one percentage point.
        public var margin: Double
        /// What that may be.
        public static let marginAllowed = 0.0001...0.5

        public init(conversion: OpaqueID, margin: Double) {
            self.conversion = conversion
            self.margin = margin
        }
    }

    public var name: String
    /// At least two, in the order of the file.
    public var shares: [Share]
    /// One of them.
    public var baseline: OpaqueID
    /// The primary conversion.
    public var conversion: OpaqueID
    /// In how many days after the assignment a conversion belongs to it.
    public var windowDays: Int
    /// The size of differences that its comparison is most sensitive to: 0.01 is one percentage point.
    public var tau: Double
    /// In the order of the file. Their conversions differ, and none is the primary one.
    public var guardrails: [Guardrail]
    /// How many `guardrails` there may be: each takes its part of the error that all comparisons share.
    public static let guardrailsMax = 8
    /// What `tau` may be.
    public static let tauAllowed = 0.0001...0.5

    public init(
        name: String, shares: [Share], baseline: OpaqueID, conversion: OpaqueID, windowDays: Int = 7,
        tau: Double = 0.01,
        guardrails: [Guardrail] = []
    ) {
        self.name = name
        self.shares = shares
        self.baseline = baseline
        self.conversion = conversion
        self.windowDays = windowDays
        self.tau = tau
        self.guardrails = guardrails
    }
}

/// The id of a rule version or an outcome, or the name of a conversion, as it comes from outside: the same as another
/// when its bytes are. (Swift's own strings are equal when they read the same, whichever way their accents are spelt.)
public struct OpaqueID: Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.text = text
    }

    public static func == (left: OpaqueID, right: OpaqueID) -> Bool {
        left.text.hasBytes(of: right.text)
    }

    public func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
    }

    /// Sorted by bytes.
    public static func < (left: OpaqueID, right: OpaqueID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
