/// What is counted of one conversion under one outcome of a rule version.
public struct ConversionReport: Hashable, Sendable {
    public let conversion: DimensionName
    /// How many distinct subjects did it, exactly.
    public let subjects: Int
    /// All recorded calls, repeats included.
    public let events: Int
    /// The time of the earliest event: milliseconds since 1970, UTC.
    public let firstEventMilliseconds: Int64
    public let lastEventMilliseconds: Int64

    public init(
        conversion: DimensionName, subjects: Int, events: Int, firstEventMilliseconds: Int64,
        lastEventMilliseconds: Int64
    ) {
        self.conversion = conversion
        self.subjects = subjects
        self.events = events
        self.firstEventMilliseconds = firstEventMilliseconds
        self.lastEventMilliseconds = lastEventMilliseconds
    }
}
