import Glibc

/// How far counts are from what was expected: half of the likelihood ratio statistic G².
enum Deviance {
    /// o ln(o/e) − (o − e), for o ≥ 0 and e > 0, or both 0. It is 0 where they are equal and greater elsewhere. Over
    /// cells whose counts and expectations have the same sum, the terms (o − e) cancel.
    ///
    /// Source: Loader, Fast and accurate computation of binomial probabilities, 2000, where it is called `bd0`.
    static func term(observed: Double, expected: Double) -> Double {
        term(observed: observed, expected: expected, difference: observed - expected)
    }

    /// For whoever knows the `difference` to more digits than subtracting would leave.
    static func term(observed: Double, expected: Double, difference: Double) -> Double {
        guard observed > 0 else { return expected }
        let relative = difference / expected
        let logarithm = abs(relative) < 0.5 ? log1p(relative) : log(observed / expected)
        return max(observed * logarithm - difference, 0)
    }
}
