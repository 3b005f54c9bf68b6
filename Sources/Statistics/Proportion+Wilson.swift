extension Proportion {
    /// Wilson's score interval for the true rate, without continuity correction; nil of no trials.
    ///
    /// For one look: it covers the truth about as often as `level` says where the number of trials was set beforehand.
    ///
    /// Source: Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    /// Statistical Association 22 (1927), 209–212. The bounds are the roots of (n + z²) x² − (2 s + z²) x + s² / n; the
    /// lower is taken from their product, since subtracting would lose digits near 0.
    public func wilsonInterval(_ level: SignificanceLevel) -> Interval? {
        guard let rate else { return nil }
        let (s, n) = (Double(successes), Double(trials))
        let z = StandardNormal.quantile(level)
        let root = z * (z * z + 4 * s * (Double(failures) / n)).squareRoot()
        let sum = 2 * s + z * z + root
        return Interval(low: min(2 * s * rate / sum, rate), high: max(min(sum / (2 * (n + z * z)), 1), rate))
    }
}
