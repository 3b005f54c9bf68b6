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
