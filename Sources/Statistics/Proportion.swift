import Glibc

/// How many of some trials were successes: subjects that converted of those exposed, or requests refused of those made.
public struct Proportion: Sendable, Equatable {
    /// From 0 to `trials`.
    public let successes: Int
    public let trials: Int

    /// nil where there cannot be such a proportion: fewer successes than none, or more than trials.
    public init?(successes: Int, trials: Int) {
        guard successes >= 0, successes <= trials else { return nil }
        self.successes = successes
        self.trials = trials
    }

    /// Of no trials.
    public static let none = Proportion(unchecked: 0, 0)

    private init(unchecked successes: Int, _ trials: Int) {
        self.successes = successes
        self.trials = trials
    }

    public var failures: Int { trials - successes }

    /// From 0 to 1; nil of no trials.
    public var rate: Double? {
        trials > 0 ? Double(successes) / Double(trials) : nil
    }

    /// The rate's variance; greater than 0 always.
    ///
    /// The rate p is taken for (s + ½) / (n + 1) in it, so that an arm without a success, or with nothing else, is not taken
    /// for one that is known exactly.
    var rateVariance: Double {
        let n = Double(trials)
        let p = (Double(successes) + 0.5) / (n + 1)
        let q = (Double(failures) + 0.5) / (n + 1)
        return p * q / n
    }
}

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

/// All numbers from `low` to `high`, both included.
public struct Interval: Sendable, Equatable {
    public let low: Double
    /// At least `low`.
    public let high: Double

    init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    public var width: Double { high - low }

    public func contains(_ value: Double) -> Bool {
        low <= value && value <= high
    }

    /// What is in both; nil where nothing is.
    func overlap(with other: Interval) -> Interval? {
        let (low, high) = (max(low, other.low), min(high, other.high))
        return low <= high ? Interval(low: low, high: high) : nil
    }
}

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
    var variance: Double {
        outcome.rateVariance + baseline.rateVariance
    }
}

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

/// The normal distribution with mean 0 and variance 1.
public enum StandardNormal {
    /// The z that is exceeded with probability `tail`, from 1e-300 to a half. What lies outside is taken for the
    /// nearest.
    ///
    /// Newton's method on the logarithm of the tail, which is concave: from the right of the root, where Chernoff's
    /// bound tail ≤ exp(−z²/2) / 2 puts the start, it can only come nearer. Glibc's `erfc` is exact to the last place
    /// or two.
    public static func quantile(upperTail tail: Double) -> Double {
        let tail = tail > 1e-300 ? min(tail, 0.5) : 1e-300
        var z = (-2 * log(2 * tail)).squareRoot()
        for _ in 0..<50 {
            let step = log(upperTail(z) / tail) * upperTail(z) / density(z)
            z += step
            guard abs(step) > 1e-15 * z else { break }
        }
        return max(z, 0)
    }

    /// The two-sided one: what the absolute value exceeds with probability `level`.
    static func quantile(_ level: SignificanceLevel) -> Double {
        quantile(upperTail: level.value / 2)
    }

    private static func upperTail(_ z: Double) -> Double {
        erfc(z / 2.0.squareRoot()) / 2
    }

    private static func density(_ z: Double) -> Double {
        exp(-z * z / 2) / (2 * Double.pi).squareRoot()
    }
}
