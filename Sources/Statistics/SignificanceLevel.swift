/// α: the probability of a false alarm that is put up with. An interval at this level misses the truth as often.
public struct SignificanceLevel: Sendable, Equatable {
    public static let fivePercent = SignificanceLevel(unchecked: 0.05)
    /// What a level may be. Beyond a half it would be no evidence; below the least, no difference would ever be shown.
    public static let allowed = 1e-15...0.5

    public let value: Double

    /// nil for anything outside of `allowed`.
    public init?(_ value: Double) {
        guard Self.allowed.contains(value) else { return nil }
        self.init(unchecked: value)
    }

    private init(unchecked value: Double) {
        self.value = value
    }

    /// The level of each of `count` comparisons, so that a false alarm in any of them is as improbable as this level
    /// has it. (Bonferroni's inequality.) A count below 1 is taken for 1.
    public func shared(among count: Int) -> SignificanceLevel {
        SignificanceLevel(unchecked: value / Double(max(count, 1)))
    }
}
