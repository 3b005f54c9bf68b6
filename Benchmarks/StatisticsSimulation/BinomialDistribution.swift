import Glibc

/// How many of `trials` succeed, each with probability `probability`, from 0 to 1.
///
/// Exact up to the rounding of doubles. Sources: few expected successes by inversion, Kachitvichyanukul, Schmeiser,
/// Binomial random variate generation, Communications of the ACM 31 (1988), 216–222 (BINV); many by transformed
/// rejection, Hörmann, The generation of binomial random variates, Journal of Statistical Computation and Simulation 46
/// (1993), 101–110 (BTRS).
struct BinomialDistribution {
    let trials: Int
    let probability: Double

    func draw(using generator: inout some RandomNumberGenerator) -> Int {
        guard trials > 0, probability > 0 else { return 0 }
        guard probability < 1 else { return trials }
        let p = min(probability, 1 - probability)
        let rarer =
            Double(trials) * p < 10
            ? inverted(p, using: &generator) : transformedRejection(p, using: &generator)
        return probability > 0.5 ? trials - rarer : rarer
    }

    /// Walks up the probabilities of 0, 1, 2 … until a uniform number is used up.
    private func inverted(_ p: Double, using generator: inout some RandomNumberGenerator) -> Int {
        let odds = p / (1 - p)
        let none = exp(Double(trials) * log1p(-p))
        while true {
            var (left, probability, count) = (Self.uniform(using: &generator), none, 0)
            while left > probability, count <= trials {
                left -= probability
                count += 1
                probability *= (Double(trials + 1) / Double(count) - 1) * odds
            }
            // What rounding leaves beyond the last is no count.
            if count <= trials { return count }
        }
    }

    /// The constants are Hörmann's; they need at least ten expected successes.
    private func transformedRejection(_ p: Double, using generator: inout some RandomNumberGenerator) -> Int {
        let n = Double(trials)
        let deviation = (n * p * (1 - p)).squareRoot()
        let b = 1.15 + 2.53 * deviation
        let a = -0.0873 + 0.0248 * b + 0.01 * p
        let squeeze = 0.92 - 4.2 / b
        let mode = ((n + 1) * p).rounded(.down)
        while true {
            let u = Self.uniform(using: &generator) - 0.5
            let v = Self.uniform(using: &generator)
            let edge = 0.5 - abs(u)
            let count = ((2 * a / edge + b) * u + n * p + 0.5).rounded(.down)
            if edge >= 0.07, v <= squeeze { return Int(count) }
            guard count >= 0, count <= n else { continue }
            let scaled = v * (2.83 + 5.1 / b) * deviation / (a / (edge * edge) + b)
            if log(scaled) <= logRatio(count, to: mode, p) { return Int(count) }
        }
    }

    /// ln of the probability of `count` ÷ that of `mode`.
    private func logRatio(_ count: Double, to mode: Double, _ p: Double) -> Double {
        let n = Double(trials)
        return Self.logFactorial(mode) + Self.logFactorial(n - mode)
            - Self.logFactorial(count) - Self.logFactorial(n - count)
            + (count - mode) * log(p / (1 - p))
    }

    private static func logFactorial(_ value: Double) -> Double {
        var sign: CInt = 0
        return lgamma_r(value + 1, &sign)
    }

    /// From 0 to just under 1, in steps of 2⁻⁵³.
    private static func uniform(using generator: inout some RandomNumberGenerator) -> Double {
        Double(generator.next() >> 11) * 0x1p-53
    }
}
