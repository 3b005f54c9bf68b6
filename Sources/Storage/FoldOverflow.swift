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
