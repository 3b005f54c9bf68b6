/// An outcome's rate less the baseline's, with the counts behind it. The subjects of the two are different ones.
public struct RateDifference: Sendable, Equatable {
    public let outcome: Proportion
    public let baseline: Proportion
    /// The plain difference of the two observed rates, from −1 to 1.
    public let estimate: Double

    /// nil where one of the two has no trials, and so no rate.
    public init?(_ outcome: Proportion, minus baseline: Proportion) {
        guard let rate = outcome.rate, let baselineRate = baseline.rate else { return nil }
        self.outcome = outcome
        self.baseline = baseline
        estimate = rate - baselineRate
    }

    /// The estimate's variance; greater than 0 always.
    ///
    /// Each rate p is taken for (s + ½) / (n + 1) in it, so that an arm without a success, or with nothing else, is not
    /// taken for one that is known exactly.
    var variance: Double {
        Self.variance(of: outcome) + Self.variance(of: baseline)
    }

    private static func variance(of proportion: Proportion) -> Double {
        let n = Double(proportion.trials)
        let p = (Double(proportion.successes) + 0.5) / (n + 1)
        let q = (Double(proportion.failures) + 0.5) / (n + 1)
        return p * q / n
    }
}
