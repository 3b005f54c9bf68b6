import Records

/// What the operator has declared: which names are told apart whatever the limits are, so that invented ones can push no
/// real one out; and how is counted.
public struct DeclaredNames: Hashable, Sendable {
    public struct Rule: Hashable, Sendable {
        public let outcomes: Set<DimensionName>
        /// Under any of the rule's outcomes.
        public let conversions: Set<DimensionName>
        /// No outcome is in two of them.
        public let groups: [DeclaredGroup]

        public init(
            outcomes: Set<DimensionName> = [], conversions: Set<DimensionName> = [], groups: [DeclaredGroup] = []
        ) {
            self.outcomes = outcomes
            self.conversions = conversions
            self.groups = groups
        }
    }

    public struct Site: Hashable, Sendable {
        public let rules: [DimensionName: Rule]
        /// The rule versions that features stand for, by the features' ids: what comes under one is counted under the other.
        public let features: [DimensionName: DimensionName]
        /// Whether the declared rules are the only ones that are told apart.
        public let isClosed: Bool
        /// How many days after a subject's first exposure a conversion is of it.
        public let windowDays: Int
        /// How many days after its last event under a rule version a subject is kept there.
        public let retentionDays: Int

        public init(
            rules: [DimensionName: Rule] = [:], features: [DimensionName: DimensionName] = [:], isClosed: Bool = false,
            windowDays: Int = CountingWindow.defaultDays, retentionDays: Int = DeclaredNames.retentionDaysDefault
        ) {
            self.rules = rules
            self.features = features
            self.isClosed = isClosed
            self.windowDays = windowDays
            self.retentionDays = retentionDays
        }
    }

    /// How long subjects of sites that are not declared are kept.
    public static let retentionDaysDefault = 400

    public let sites: [DimensionName: Site]

    public init(sites: [DimensionName: Site]) {
        self.sites = sites
    }

    public static let none = DeclaredNames(sites: [:])
}

extension DeclaredNames {
    /// The records as they are to be counted: one that names a feature, under the rule version that the feature stands for.
    /// Everything that is folded goes through here, so no store needs to know of features.
    public func resolvingFeatures(_ batch: RecordBatch) -> RecordBatch {
        guard hasFeatures else { return batch }
        return batch.replacingEvents { kind in
            rule(of: DimensionName(kind.event.ruleID), site: DimensionName(kind.site)).map(kind.event.under)
        }
    }

    /// The same for answers, which are told apart by what requests named.
    public func resolvingFeatures(_ answers: [GivenAnswers]) -> [GivenAnswers] {
        guard hasFeatures else { return answers }
        return answers.map { answer in
            guard let outcome = answer.outcome, let rule = rule(of: outcome.rule, site: answer.site) else {
                return answer
            }
            return GivenAnswers(
                site: answer.site, outcome: GivenAnswers.Outcome(rule: rule, outcome: outcome.outcome),
                kind: answer.kind, quarter: answer.quarter, count: answer.count)
        }
    }

    private var hasFeatures: Bool {
        sites.values.contains { !$0.features.isEmpty }
    }

    private func rule(of feature: DimensionName, site: DimensionName) -> DimensionName? {
        sites[site]?.features[feature]
    }
}

extension Event {
    fileprivate func under(_ rule: DimensionName) -> Event {
        switch self {
        case .exposure(let exposure):
            .exposure(Exposure(ruleID: rule.description, outcomeID: exposure.outcomeID))
        case .conversion(let conversion):
            .conversion(Conversion(ruleID: rule.description, outcomeID: conversion.outcomeID, name: conversion.name))
        }
    }
}

/// Outcomes that visitors are assigned to at random, as declared. A change of anything but its name, or the order of its
/// outcomes, makes another group of it.
public struct DeclaredGroup: Hashable, Sendable {
    public struct Share: Hashable, Sendable {
        public let outcome: DimensionName
        /// In proportion to the others.
        public let weight: Int

        public init(outcome: DimensionName, weight: Int) {
            self.outcome = outcome
            self.weight = weight
        }
    }

    /// A conversion whose rate must not be lower than the baseline's by more than a margin: 0.01 is one percentage point.
    public struct Guardrail: Hashable, Sendable {
        public let conversion: DimensionName
        public let margin: Double

        public init(conversion: DimensionName, margin: Double) {
            self.conversion = conversion
            self.margin = margin
        }
    }

    public let name: String
    public let shares: [Share]
    /// One of the outcomes.
    public let baseline: DimensionName
    /// The primary conversion.
    public let conversion: DimensionName
    public let windowDays: Int
    /// The size of differences that the comparison is most sensitive to: 0.01 is one percentage point. Counting does not need
    /// it, but whoever changes it after having seen counts chooses by them, so a change is one of the group.
    public let tau: Double
    /// Their conversions differ, and none is the primary one. They share the comparison's error with it, so a change of them is
    /// one of the group, too.
    public let guardrails: [Guardrail]

    public init(
        name: String, shares: [Share], baseline: DimensionName, conversion: DimensionName,
        windowDays: Int = CountingWindow.defaultDays, tau: Double = 0.01, guardrails: [Guardrail] = []
    ) {
        self.name = name
        self.shares = shares
        self.baseline = baseline
        self.conversion = conversion
        self.windowDays = windowDays
        self.tau = tau
        self.guardrails = guardrails
    }

    /// What is counted of the group's subjects: the primary conversion first.
    public var conversions: [DimensionName] { [conversion] + guardrails.map(\.conversion) }

    /// Whether the two compare the same, whatever they are called and in whatever order their outcomes and guardrails are.
    public func comparesLike(_ other: DeclaredGroup) -> Bool {
        Set(shares) == Set(other.shares) && baseline == other.baseline && conversion == other.conversion
            && windowDays == other.windowDays && tau == other.tau && Set(guardrails) == Set(other.guardrails)
    }
}
