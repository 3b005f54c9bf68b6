/// What is counted under one outcome of a rule version in one range of time. Subjects are distinct.
public struct OutcomeCounts: Hashable, Sendable {
    public let outcome: DimensionName
    /// Subjects whose first exposure to the outcome lies in the range.
    public var exposed = 0
    /// All recorded exposures in the range, repeats included.
    public var exposures = 0
    /// Subjects of the declared group that the outcome is in which met it first of the group's outcomes, where that was in the
    /// range and not before the group was declared; 0 where it is in none.
    public var groupExposed = 0
    /// Those of them that met another of its outcomes, too.
    public var groupCrossed = 0
    /// Sorted by name, `other` last.
    public var conversions: [ConversionCounts] = []

    public init(outcome: DimensionName) {
        self.outcome = outcome
    }
}

/// What is counted of one conversion under one outcome in one range of time. Subjects are distinct.
public struct ConversionCounts: Hashable, Sendable {
    public let conversion: DimensionName
    /// Those of `OutcomeCounts.exposed` that did it within the window around their first exposure.
    public var converted = 0
    /// Subjects that did it for the first time in the range and were never exposed.
    public var unattributed = 0
    /// Subjects that did it for the first time in the range, exposed or not.
    public var converters = 0
    /// All recorded calls in the range, repeats included.
    public var events = 0
    /// Those of `OutcomeCounts.groupExposed` that did it within the group's window, under whichever of its outcomes; 0 where it is
    /// neither the group's primary conversion nor one of its guardrails.
    public var groupConverted = 0

    public init(
        conversion: DimensionName, converted: Int = 0, unattributed: Int = 0, converters: Int = 0, events: Int = 0,
        groupConverted: Int = 0
    ) {
        self.conversion = conversion
        self.converted = converted
        self.unattributed = unattributed
        self.converters = converters
        self.events = events
        self.groupConverted = groupConverted
    }
}

/// How many distinct subjects met an outcome, or did a conversion under it, within a span of time. What nobody did in it
/// is left out.
public struct ActivityCounts: Hashable, Sendable {
    /// The longest span within which subjects are told apart: longer than the longest day of any time zone. In quarters of
    /// an hour.
    public static let spanQuartersMax = 104

    public let outcome: DimensionName
    /// nil for those who met the outcome.
    public let conversion: DimensionName?
    public let subjects: Int

    public init(outcome: DimensionName, conversion: DimensionName?, subjects: Int) {
        self.outcome = outcome
        self.conversion = conversion
        self.subjects = subjects
    }
}

/// A range of time, and what there is in it.
public struct Bucket<Content: Sendable>: Sendable {
    public let range: Range<Quarter>
    public let content: Content

    public init(_ range: Range<Quarter>, _ content: Content) {
        self.range = range
        self.content = content
    }
}

extension Bucket: Equatable where Content: Equatable {}
