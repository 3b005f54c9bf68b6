/// How many subjects were active in a quarter of an hour, told apart by how long ago each had been active before.
///
/// That is what makes any day's visitors exact: in the quarters from `start` on, a subject is new in `quarter` when the
/// quarter that it was active in before lies before `start`. So the distinct subjects of a span of up to 100 quarters are
/// the sum over its cells whose `gap` is larger than `quarter - start`.
public struct ActivityCell: Hashable, Sendable {
    /// The largest gap that is told apart: more quarters than the longest day of any time zone has. It stands for all
    /// beyond, and for subjects that had not been active before.
    public static let gapMax = 104

    public let outcome: DimensionName
    /// nil for exposures.
    public let conversion: DimensionName?
    public let quarter: Quarter
    /// In quarters, 1 to `gapMax`.
    public let gap: Int
    public let subjects: Int

    public init(outcome: DimensionName, conversion: DimensionName?, quarter: Quarter, gap: Int, subjects: Int) {
        self.outcome = outcome
        self.conversion = conversion
        self.quarter = quarter
        self.gap = gap
        self.subjects = subjects
    }
}
