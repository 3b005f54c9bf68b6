/// An outcome's rate in proportion to the baseline's: 0.56 where it is 1.56 times that rate, −0.25 where it is three quarters.
public struct RelativeLift: Sendable, Equatable {
    /// A lift that may be greater than this, ten times the baseline's rate, is not told from any other that is great.
    static let liftMax = 9.0

    /// Of the observed rates.
    public let estimate: Double
    /// Holds the true lift at all looks together, as ``ConfidenceSequence`` has it for the difference. It holds 0 if, and only
    /// if, the difference's interval does. nil where it is too wide to be told: where it would reach beyond ten times the
    /// baseline's rate, or has no upper end at all, since the baseline's rate is hardly told from 0.
    public let interval: Interval?

    /// - Parameter ratios: of the outcome's rate to the baseline's.
    init(estimate: Double, ratios: ClosedRange<Double>) {
        self.estimate = estimate
        interval =
            ratios.upperBound - 1 <= Self.liftMax
            ? Interval(low: ratios.lowerBound - 1, high: ratios.upperBound - 1) : nil
    }
}

/// By the way of E. C. Fieller (Some problems in interval estimation, Journal of the Royal Statistical Society B 16 (1954),
/// 175–185): if the outcome's rate is r times the baseline's, the outcome's less r times the baseline's is a difference that is
/// truly 0, and the sequence says at each look whether it still may be. Only the true r counts, so all looks together leave it
/// out with probability α at most.
extension ConfidenceSequence {
    /// - Parameter difference: between two rates that are both greater than 0.
    func lift(_ difference: RateDifference) -> RelativeLift {
        let (outcome, baseline) = (difference.outcome, difference.baseline)
        let lower = ratiosUpToOne(of: outcome, to: baseline)
        // From 1 on by the two exchanged: so τ stays the size of a difference between rates, whatever the ratio, and the ratios
        // of the one to the other are the reciprocals of those of the other to the one.
        let upper = ratiosUpToOne(of: baseline, to: outcome).map { 1 / $0.upperBound...1 / $0.lowerBound }
        let ratios = [lower, upper].compactMap(\.self)
        return RelativeLift(
            estimate: Self.ratio(of: outcome, to: baseline) - 1,
            ratios: (ratios.first?.lowerBound ?? 0)...(ratios.last?.upperBound ?? .infinity))
    }

    /// All r from 0 to 1 such that the one rate may be r times the other; nil where it is greater for sure.
    private func ratiosUpToOne(of one: Proportion, to other: Proportion) -> ClosedRange<Double>? {
        let (rate, otherRate) = (one.rate ?? 0, other.rate ?? 0)
        func mayBe(_ ratio: Double) -> Bool {
            let variance = one.rateVariance + ratio * ratio * other.rateVariance
            return abs(rate - ratio * otherRate) <= radius(variance: variance)
        }
        let inside = min(Self.ratio(of: one, to: other), 1)
        guard mayBe(inside) else { return nil }
        return Bisection.end(from: inside, to: 0, of: mayBe)...Bisection.end(from: inside, to: 1, of: mayBe)
    }

    private static func ratio(of one: Proportion, to other: Proportion) -> Double {
        (one.rate ?? 0) / (other.rate ?? 0)
    }
}
