import Records

/// The name of a rule, an outcome or a conversion as reports tell it apart from others.
///
/// Names are opaque, so two of them are the same when their bytes are. (Swift's own strings are equal when they read
/// the same, whichever way their accents are spelt.)
public enum DimensionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    case named(String)
    /// All those together that came when the limit was reached. It is no string, so no real name can collide with it.
    case other

    public init(_ name: String) {
        self = .named(name)
    }

    /// The name, or `(other)`, for people to read.
    public var description: String {
        switch self {
        case .named(let name): name
        case .other: "(other)"
        }
    }

    public static func == (left: DimensionName, right: DimensionName) -> Bool {
        switch (left, right) {
        case (.named(let left), .named(let right)): left.hasBytes(of: right)
        case (.other, .other): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .named(var name): name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .other: hasher.combine(false)
        }
    }

    /// Sorted by bytes, `other` last.
    public static func < (left: DimensionName, right: DimensionName) -> Bool {
        switch (left, right) {
        case (.named(let left), .named(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.named, .other): true
        case (.other, _): false
        }
    }
}

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

/// How many records of a fold were counted under `DimensionName.other`, by the first of their names that had no room.
public struct FoldOverflow: Hashable, Sendable {
    public var sites = 0
    public var rules = 0
    public var outcomes = 0
    public var conversions = 0

    public init() {}

    public static func + (left: FoldOverflow, right: FoldOverflow) -> FoldOverflow {
        var sum = left
        sum.sites += right.sites
        sum.rules += right.rules
        sum.outcomes += right.outcomes
        sum.conversions += right.conversions
        return sum
    }
}
