/// A group's outcomes, each held against the baseline by a conversion whose rate must not be lower by more than a margin.
public struct GuardrailComparison: Sendable, Equatable {
    /// All arms but the baseline, in the group's order.
    public let arms: [Arm]

    public struct Arm: Sendable, Equatable {
        /// The arm's place in the group.
        public let index: Int
        /// nil where this arm or the baseline has no subjects.
        public let difference: RateDifference?
        /// Holds the true difference at all looks together, and with those of all arms and conversions, with probability 1 − α at
        /// least. nil where there is no difference.
        public let alwaysValid: Interval?
        /// nil where there is no difference.
        public let conclusion: Conclusion?
    }

    public enum Conclusion: Sendable, Equatable {
        /// The whole interval lies above −margin.
        case holds
        /// The whole interval lies below it.
        case broken
        case notShownYet
    }

    /// How much of the level goes to ``ConfidenceSequence``; the rest to ``RateSequence``, which needs no number of conversions.
    private static let shareOfMany = 0.98

    /// `mature` has for each arm how many of the subjects exposed at least one window ago have the conversion. `conversions` is how
    /// many the arms are compared by, this one and the primary one among them: all of them share the level.
    ///
    /// nil where there is nothing to compare: fewer than two arms, a baseline that is none of them, or a margin that
    /// `ConfidenceSequence` does not allow as its τ.
    public init?(
        mature: [Proportion], baseline: Int, margin: Double, conversions: Int, level: SignificanceLevel = .fivePercent
    ) {
        guard mature.count >= 2, mature.indices.contains(baseline) else { return nil }
        let (ofMany, ofFew) = level.shared(among: (mature.count - 1) * conversions).split(at: Self.shareOfMany)
        // What is to be told apart is no difference from one of the margin.
        guard let sequence = ConfidenceSequence(ofMany, tau: margin) else { return nil }
        let rates = RateSequence(ofFew.shared(among: 2))
        arms = mature.indices.filter { $0 != baseline }.map { index in
            let (arm, other) = (mature[index], mature[baseline])
            let many = try? sequence.interval(of: arm, minus: other).get()
            // Without it whatever makes nobody convert any more would never be called broken.
            let few = rates.interval(of: arm, minus: other)
            // Both are right together, so the truth is where they overlap; they hardly ever do not.
            let interval = few.map { few in many.map { $0.overlap(with: few) ?? $0 } ?? few }
            return Arm(
                index: index, difference: RateDifference(arm, minus: other), alwaysValid: interval,
                conclusion: interval.map { Conclusion($0, margin: margin) })
        }
    }
}

extension GuardrailComparison.Conclusion {
    init(_ alwaysValid: Interval, margin: Double) {
        self = alwaysValid.low > -margin ? .holds : alwaysValid.high < -margin ? .broken : .notShownYet
    }
}
