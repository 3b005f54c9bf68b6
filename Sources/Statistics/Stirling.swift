import Glibc

/// What Stirling's approximation leaves out.
///
/// Likelihoods of large counts are differences of huge logarithms of factorials. With the approximation's leading terms
/// cancelled on paper, what remains is small and keeps its digits.
///
/// Source: Loader, Fast and accurate computation of binomial probabilities, 2000.
enum Stirling {
    static let halfLogTwoPi = log(2 * Double.pi) / 2

    /// ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π), for x > 0. About 1 / (12 x).
    static func error(_ x: Double) -> Double {
        guard x < 16 else { return series(1 / x) }
        var sign: CInt = 0
        return lgamma_r(x, &sign) - ((x - 0.5) * log(x) - x + halfLogTwoPi)
    }

    /// ln Γ(x + ½) − (x ln x − x + ½ ln 2π), for x ≥ 0. About −1 / (24 x), and −½ ln 2 for 0.
    static func halfError(_ x: Double) -> Double {
        let leading = x > 0 ? x * log1p(0.5 / x) : 0
        return leading - 0.5 + error(x + 0.5)
    }

    /// The asymptotic series in `inverse` = 1/x. The first term left out is less than 2e-16 from x = 16 on.
    private static func series(_ inverse: Double) -> Double {
        let square = inverse * inverse
        let coefficients = [1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12]
        return inverse * coefficients.reduce(0) { $0 * square + $1 }
    }
}
