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
    static let allowedTau = 1e-6...1.0
    public static let defaultTau = 0.01
    /// In each of the two. With fewer, a rate is too far from normal.
    public static let conversionsNeeded = 25

    public let level: SignificanceLevel
    /// The differences that the sequence is narrowest for are of about this size: 0.01 is one percentage point. It has
    /// to be chosen before the data are seen.
    public let tau: Double

    /// The sizes of differences that are mixed, in τ, and the share of each. What the first gives up makes it hardly wider, and the
    /// others keep a τ that is too great or too small by far from making it useless.
    private static let sizes: [(inTau: Double, share: Double)] = [(1, 0.8), (0.1, 0.1), (10, 0.1)]

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

    /// How far the interval reaches to either side of an estimate with this variance: as far as the likelihood ratio of "the
    /// difference is another, drawn from a mixture of normal distributions, with the deviations `sizes` times τ" to "it is this one" is
    /// below 1/α. By Ville's inequality it ever comes to that at the truth with probability α at most. Both signs are in the mixture,
    /// so α is not halved.
    ///
    /// Each part's logarithm is a straight line over the square of the distance, and that of their sum is convex. So Newton's method
    /// comes down to where it is ln(1/α) from any square beyond, such as the one at which a single part is 1/α.
    public func radius(variance: Double) -> Double {
        let goal = -log(level.value)
        let lines = Self.sizes.map { size in
            let ratio = size.inTau * size.inTau * tau * tau / variance
            return (offset: log(size.share) - log1p(ratio) / 2, slope: 0.5 / (1 + 1 / ratio))
        }
        // In variances.
        var square = lines.reduce(Double.infinity) { min($0, (goal - $1.offset) / $1.slope) }
        while true {
            let greatest = lines.reduce(-Double.infinity) { max($0, $1.offset + $1.slope * square) }
            var (sum, slope) = (0.0, 0.0)
            for line in lines {
                let part = exp(line.offset + line.slope * square - greatest)
                sum += part
                slope += part * line.slope
            }
            let next = square - (greatest + log(sum) - goal) * sum / slope
            guard next < square else { return (variance * square).squareRoot() }
            square = next
        }
    }
}
