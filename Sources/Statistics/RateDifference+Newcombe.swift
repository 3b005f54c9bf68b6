import Glibc

extension RateDifference {
    /// Newcombe's hybrid score interval for the true difference (his method 10), without continuity correction.
    ///
    /// For one look: whoever looks every day until it leaves 0 out will see that happen far more often than `level`
    /// says.
    ///
    /// Source: Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine
    /// 17 (1998), 873–890.
    public func newcombeInterval(_ level: SignificanceLevel) -> Interval {
        guard let outcome = Self.distances(outcome, level), let baseline = Self.distances(baseline, level) else {
            return Interval(low: -1, high: 1)
        }
        return Interval(
            low: max(estimate - hypot(outcome.below, baseline.above), -1),
            high: min(estimate + hypot(outcome.above, baseline.below), 1))
    }

    /// From the observed rate to Wilson's bounds.
    private static func distances(
        _ proportion: Proportion, _ level: SignificanceLevel
    ) -> (below: Double, above: Double)? {
        guard let rate = proportion.rate, let interval = proportion.wilsonInterval(level) else { return nil }
        return (rate - interval.low, interval.high - rate)
    }
}
