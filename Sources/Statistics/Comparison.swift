import Glibc

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

/// Intervals for the difference of two rates that hold at all looks together, however many there are: the probability
/// that the truth is ever outside of one is at most α, where there are conversions enough for rates to be normal.
///
/// Source: Robbins's mixture of normal likelihood ratios, Statistical methods related to the law of the iterated
/// logarithm, Annals of Mathematical Statistics 41 (1970), 1397–1409; with an estimated variance, Waudby-Smith, Arbour,
/// Sinha, Kennedy, Ramdas, Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics
/// 52 (2024), 2613–2640; for experiments on the web, Johari, Koomen, Pekelis, Walsh, Always valid inference, Operations
/// Research 70 (2022), 1806–1821.
public struct ConfidenceSequence: Sendable, Equatable {
    /// What τ may be.
    static let allowedTau = 1e-6...1.0
    public static let defaultTau = 0.01
    /// In each of the two. With fewer, a rate is too far from normal.
    public static let conversionsNeeded = 25

    public let level: SignificanceLevel
    /// The differences that the sequence is narrowest for are of about this size: 0.01 is one percentage point. It has
    /// to be chosen before the data are seen.
    public let tau: Double

    /// nil where τ is outside of `allowedTau`.
    public init?(_ level: SignificanceLevel, tau: Double = Self.defaultTau) {
        guard Self.allowedTau.contains(tau) else { return nil }
        self.level = level
        self.tau = tau
    }

    /// The interval at this look for the outcome's rate less the baseline's.
    public func interval(of outcome: Proportion, minus baseline: Proportion) -> Result<Interval, TooFewConversions> {
        let needed = Self.conversionsNeeded
        guard min(outcome.successes, baseline.successes) >= needed,
            let difference = RateDifference(outcome, minus: baseline)
        else {
            return .failure(.init(needed: needed, outcome: outcome.successes, baseline: baseline.successes))
        }
        let radius = radius(variance: difference.variance)
        let (low, high) = (difference.estimate - radius, difference.estimate + radius)
        return .success(Interval(low: max(low, -1), high: min(high, 1)))
    }

    /// How far from the estimate the likelihood ratio of "the difference is another, drawn from a normal distribution
    /// with variance τ²" to "it is this one" comes to 1/α. By Ville's inequality it does so at the truth, ever, with
    /// probability α at most. Both signs are in the mixture, so α is not halved.
    func radius(variance: Double) -> Double {
        let ratio = tau * tau / variance
        let evidence = 2 * log(1 / level.value) + log1p(ratio)
        return (variance * (1 + 1 / ratio) * evidence).squareRoot()
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
