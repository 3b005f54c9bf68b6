/// A group's outcomes, each compared with the baseline.
public struct Comparison: Sendable, Equatable {
    /// All arms but the baseline, in the group's order.
    public let arms: [ArmComparison]

    /// `mature` has for each arm how many of the subjects exposed at least one window ago have the primary conversion.
    /// `conversions` is how many the arms are compared by, this one and the guardrails: all of them share the level.
    ///
    /// nil where there is nothing to compare: fewer than two arms, a baseline that is none of them, or a τ that
    /// `ConfidenceSequence` does not allow.
    public init?(
        mature: [Proportion], baseline: Int, conversions: Int = 1, level: SignificanceLevel = .fivePercent,
        tau: Double = ConfidenceSequence.defaultTau
    ) {
        guard mature.count >= 2, mature.indices.contains(baseline) else { return nil }
        let comparisons = (mature.count - 1) * conversions
        guard let sequence = ConfidenceSequence(level.shared(among: comparisons), tau: tau) else { return nil }
        arms = mature.indices.filter { $0 != baseline }.map { index in
            ArmComparison(
                index: index, arm: mature[index], baseline: mature[baseline], level: level, sequence: sequence)
        }
    }
}

/// One of a group's outcomes beside the baseline.
public struct ArmComparison: Sendable, Equatable {
    /// The arm's place in the group.
    public let index: Int
    /// nil where this arm or the baseline has no subjects.
    public let difference: RateDifference?
    /// Newcombe's interval at level α: for whoever looks once. nil where there is no difference.
    public let oneLook: Interval?
    /// At level α ÷ (arms − 1) ÷ conversions; all looks, all arms and all conversions together are wrong with probability α at
    /// most.
    public let alwaysValid: Result<Interval, TooFewConversions>
    public let conclusion: Conclusion
    private let sequence: ConfidenceSequence

    /// At the same level as the always-valid interval of the difference, and with the same promise. nil where there is none of
    /// the difference.
    public var lift: RelativeLift? {
        guard let difference, case .success = alwaysValid else { return nil }
        return sequence.lift(difference)
    }

    init(index: Int, arm: Proportion, baseline: Proportion, level: SignificanceLevel, sequence: ConfidenceSequence) {
        self.index = index
        difference = RateDifference(arm, minus: baseline)
        oneLook = difference?.newcombeInterval(level)
        alwaysValid = sequence.interval(of: arm, minus: baseline)
        conclusion = Conclusion(alwaysValid)
        self.sequence = sequence
    }
}

/// What the always-valid interval of a difference to the baseline says.
public enum Conclusion: Sendable, Equatable {
    /// The interval lies above 0.
    case better
    /// The interval lies below 0.
    case worse
    /// The interval holds 0. That is not to say that there is no difference.
    case noDifferenceShownYet
    case tooFewConversions(TooFewConversions)

    init(_ alwaysValid: Result<Interval, TooFewConversions>) {
        switch alwaysValid {
        case .failure(let reason): self = .tooFewConversions(reason)
        case .success(let interval) where interval.low > 0: self = .better
        case .success(let interval) where interval.high < 0: self = .worse
        case .success: self = .noDifferenceShownYet
        }
    }
}

/// Why there is no always-valid interval yet.
public struct TooFewConversions: Error, Sendable, Equatable {
    /// How many each of the two needs.
    public let needed: Int
    public let outcome: Int
    public let baseline: Int
}

/// α: the probability of a false alarm that is put up with. An interval at this level misses the truth as often.
public struct SignificanceLevel: Sendable, Equatable {
    public static let fivePercent = SignificanceLevel(unchecked: 0.05)
    /// What a level may be. Beyond a half it would be no evidence; below the least, no difference would ever be shown.
    static let allowed = 1e-15...0.5

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

    /// Two parts that make up this level.
    ///
    /// - Parameter share: the first part's, between 0 and 1.
    func split(at share: Double) -> (SignificanceLevel, SignificanceLevel) {
        (SignificanceLevel(unchecked: value * share), SignificanceLevel(unchecked: value * (1 - share)))
    }
}
