import Glibc

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
