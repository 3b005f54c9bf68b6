import Glibc

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
    public static let allowedTau = 1e-6...1.0
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
