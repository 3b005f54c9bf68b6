import Glibc

/// Intervals for one rate that hold at all looks together, however few conversions there are: the probability that the truth is
/// ever outside of one is at most α, whatever the rate. They are wider than what large numbers allow.
///
/// The likelihood ratio of "the rate is another, drawn from Beta(½, ½)" to "it is this one" is a martingale at the truth, and
/// by Ville's inequality comes to 1/α, ever, with probability α at most.
///
/// Source: Robbins, Statistical methods related to the law of the iterated logarithm, Annals of Mathematical Statistics 41
/// (1970), 1397–1409, section 4, with the prior of Jeffreys.
struct RateSequence: Sendable {
    let level: SignificanceLevel

    init(_ level: SignificanceLevel) {
        self.level = level
    }

    /// nil of no trials.
    func interval(of proportion: Proportion) -> Interval? {
        guard let rate = proportion.rate else { return nil }
        let (s, f, n) = (Double(proportion.successes), Double(proportion.failures), Double(proportion.trials))
        // Γ(s + ½) Γ(f + ½) / (π Γ(n + 1)) ÷ p^s (1 − p)^f. What is large in it is the deviance.
        let rest =
            Stirling.halfError(s) + Stirling.halfError(f) - Stirling.error(n) + Stirling.halfLogTwoPi
            - log(Double.pi) - log(n) / 2
        func mayBe(_ p: Double) -> Bool {
            let deviance =
                Deviance.term(observed: s, expected: n * p) + Deviance.term(observed: f, expected: n * (1 - p))
            return deviance + rest < -log(level.value)
        }
        return Interval(
            low: Bisection.end(from: rate, to: 0, of: mayBe), high: Bisection.end(from: rate, to: 1, of: mayBe))
    }

    /// For the difference of two rates, each of which is in its interval: so at a level that is twice this one. nil where one of the
    /// two has no trials.
    func interval(of outcome: Proportion, minus baseline: Proportion) -> Interval? {
        guard let outcome = interval(of: outcome), let baseline = interval(of: baseline) else { return nil }
        return Interval(low: outcome.low - baseline.high, high: outcome.high - baseline.low)
    }
}
