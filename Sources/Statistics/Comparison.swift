/// A group's outcomes, each compared with the baseline.
public struct Comparison: Sendable, Equatable {
    /// All arms but the baseline, in the group's order.
    public let arms: [ArmComparison]

    /// `mature` has for each arm how many of the subjects exposed at least one window ago have the primary conversion.
    ///
    /// nil where there is nothing to compare: fewer than two arms, a baseline that is none of them, or a τ that
    /// `ConfidenceSequence` does not allow.
    public init?(
        mature: [Proportion], baseline: Int, level: SignificanceLevel = .fivePercent,
        tau: Double = ConfidenceSequence.defaultTau
    ) {
        guard mature.count >= 2, mature.indices.contains(baseline) else { return nil }
        guard let sequence = ConfidenceSequence(level.shared(among: mature.count - 1), tau: tau) else { return nil }
        arms = mature.indices.filter { $0 != baseline }.map { index in
            ArmComparison(
                index: index, arm: mature[index], baseline: mature[baseline], level: level, sequence: sequence)
        }
    }
}
