/// What is counted under one outcome of a rule version in one range of time. Subjects are distinct.
public struct OutcomeCounts: Hashable, Sendable {
    public let outcome: DimensionName
    /// Subjects whose first exposure to the outcome lies in the range.
    public var exposed = 0
    /// All recorded exposures in the range, repeats included.
    public var exposures = 0
    /// As an outcome of the declared group that it is in; zeros where it is in none.
    public var group = GroupCounts()
    /// Sorted by name, `other` last.
    public var conversions: [ConversionCounts] = []

    public init(outcome: DimensionName) {
        self.outcome = outcome
    }
}

/// What is counted of a group's subjects under the first of its outcomes that each met, where that was in the range and
/// not before the group was declared.
public struct GroupCounts: Hashable, Sendable {
    public var exposed = 0
    /// Those of them that met another of its outcomes, too.
    public var crossed = 0
    /// Those of them that did the primary conversion within the window, under whichever of its outcomes.
    public var converted = 0

    public init(exposed: Int = 0, crossed: Int = 0, converted: Int = 0) {
        self.exposed = exposed
        self.crossed = crossed
        self.converted = converted
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

    public init(
        conversion: DimensionName, converted: Int = 0, unattributed: Int = 0, converters: Int = 0, events: Int = 0
    ) {
        self.conversion = conversion
        self.converted = converted
        self.unattributed = unattributed
        self.converters = converters
        self.events = events
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
