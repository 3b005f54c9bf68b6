/// What is counted under one rule version.
public struct RuleReport: Hashable, Sendable {
    public let rule: DimensionName
    public let terms: RuleTerms
    /// For each range that was asked for: the outcomes that have records or are in a group, sorted by name, `other` last.
    public let counts: [[OutcomeCounts]]
    /// For each group of the terms, the days since it began on which it got subjects, in rising order.
    public let groupDays: [[GroupDay]]

    public init(rule: DimensionName, terms: RuleTerms, counts: [[OutcomeCounts]], groupDays: [[GroupDay]]) {
        self.rule = rule
        self.terms = terms
        self.counts = counts
        self.groupDays = groupDays
    }
}

/// The subjects that a declared group got on one day of UTC.
public struct GroupDay: Hashable, Sendable {
    /// The day's first quarter of an hour.
    public let start: Quarter
    /// By the first outcome that each met, in the order of the group's shares.
    public let exposed: [Int]
    /// Those of them that have done the primary conversion within the window, as far as is known, in the same order.
    public let converted: [Int]

    public init(start: Quarter, exposed: [Int], converted: [Int]) {
        self.start = start
        self.exposed = exposed
        self.converted = converted
    }
}

/// By which windows and groups a rule version's subjects are counted.
public struct RuleTerms: Hashable, Sendable {
    /// The windows of its site, the earliest first, each from where it begins. The first holds for all time before, too.
    public let windows: [WindowPeriod]
    /// The declared groups, in the order in which they were.
    public let groups: [GroupPeriod]

    public init(windows: [WindowPeriod], groups: [GroupPeriod]) {
        self.windows = windows
        self.groups = groups
    }
}

/// A window, and the first quarter of an hour whose exposures it holds for.
public struct WindowPeriod: Hashable, Sendable {
    public let start: Quarter
    public let days: Int

    public init(start: Quarter, days: Int) {
        self.start = start
        self.days = days
    }
}

/// A declared group, and the first quarter of an hour whose exposures it holds for.
public struct GroupPeriod: Hashable, Sendable {
    public let group: DeclaredGroup
    public let start: Quarter

    public init(group: DeclaredGroup, start: Quarter) {
        self.group = group
        self.start = start
    }
}

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
    /// Whether it is left out of what people read.
    public let isHidden: Bool

    public init(
        rule: DimensionName, firstEventMilliseconds: Int64, lastEventMilliseconds: Int64, exposures: Int,
        conversions: Int, outcomes: Int, isHidden: Bool = false
    ) {
        self.rule = rule
        self.firstEventMilliseconds = firstEventMilliseconds
        self.lastEventMilliseconds = lastEventMilliseconds
        self.exposures = exposures
        self.conversions = conversions
        self.outcomes = outcomes
        self.isHidden = isHidden
    }
}
