import Glibc

/// How many times more probable the counts are with something amiss than without.
///
/// Without anything amiss its expectation is at most 1 whenever one looks, and the probability that it ever reaches a
/// factor is at most one in that factor (Ville's inequality). So one may look as often as one likes.
public struct Evidence: Sendable, Equatable {
    /// The factor from which on there is an alarm, 1000, to the base of 10: a false one in at most one of a thousand
    /// groups, for all time.
    public static let alarmLog10 = 3.0

    /// The factor's natural logarithm.
    public let logFactor: Double

    init(logFactor: Double) {
        self.logFactor = logFactor
    }

    /// What several tests say together, which keeps the expectation at 1 at most: the mean of their factors. Of none it is 1.
    public static func mean(_ all: [Evidence]) -> Evidence {
        let greatest = all.map(\.logFactor).max() ?? 0
        // The greatest is taken out first, since its exp may be more than a double holds.
        let sum = all.reduce(0) { $0 + exp($1.logFactor - greatest) }
        return Evidence(logFactor: all.isEmpty ? 0 : greatest + log(sum / Double(all.count)))
    }

    /// The same to the base of 10.
    public var log10Factor: Double { logFactor / log(10) }

    public var isAlarm: Bool {
        log10Factor >= Self.alarmLog10
    }
}

/// Whether requests are refused more often under some of a group's outcomes than under others. Conversions that were
/// refused are missing from the counts, and if they are missing from one outcome more than from another, rates cannot
/// be compared.
///
/// Without such a difference a request's outcome does not depend on whether it is refused, even if refusals come and go
/// with the day. So for each outcome in turn: how well is it told whether a request is of that outcome by two shares,
/// one among those refused and one among those accepted, as compared with the one share among all that fits best? The
/// two are averaged over Jeffreys's prior, the one has the benefit of hindsight, whatever it truly is; that keeps the
/// expectation below 1. The answers for all outcomes are averaged, which keeps it there.
///
/// Source: Wasserman, Ramdas, Balakrishnan, Universal inference, Proceedings of the National Academy of Sciences 117
/// (2020), 16880–16890; the averages over the prior are those of Krichevsky, Trofimov, The performance of
/// universal encoding, IEEE Transactions on Information Theory 27 (1981), 199–207.
public enum RefusalTest {
    /// How much the counts speak for a difference. `arms` has for each outcome how many of its requests were refused.
    public static func evidence(_ arms: [Proportion]) -> Evidence {
        let refused = arms.reduce(0.0) { $0 + Double($1.successes) }
        let accepted = arms.reduce(0.0) { $0 + Double($1.failures) }
        guard refused + accepted > 0 else { return Evidence(logFactor: 0) }
        return Evidence.mean(
            arms.map { Evidence(logFactor: logFactor($0, refused: refused, accepted: accepted)) })
    }

    /// Of one arm against all the rest. The rest's requests are added up from the two kinds, so that no kind can have
    /// some of them where the sum, rounded, has none.
    private static func logFactor(_ arm: Proportion, refused: Double, accepted: Double) -> Double {
        let (refusedHere, acceptedHere) = (Double(arm.successes), Double(arm.failures))
        let (here, rest) = (refusedHere + acceptedHere, (refused - refusedHere) + (accepted - acceptedHere))
        let shares = (here / (here + rest), rest / (here + rest))
        return logFactor(refusedHere, of: refused, shares: shares)
            + logFactor(acceptedHere, of: accepted, shares: shares)
    }

    /// ln of B(x + ½, y + ½) / (π p^x q^y), where y is the rest of `total` and p and q the shares; 0 of none.
    private static func logFactor(_ x: Double, of total: Double, shares: (Double, Double)) -> Double {
        guard total > 0 else { return 0 }
        let y = total - x
        let deviance =
            Deviance.term(observed: x, expected: total * shares.0)
            + Deviance.term(observed: y, expected: total * shares.1)
        let price = log(Double.pi * total / 2) / 2 + Stirling.error(total)
        return deviance - price + Stirling.halfError(x) + Stirling.halfError(y)
    }
}

/// Whether subjects were assigned to a group's outcomes as its weights have it. If they were not, whatever lost some of
/// them may have lost those who would have converted, and rates cannot be compared.
///
/// Source: Lindon, Malek, Anytime-valid inference for multinomial count data, Advances in Neural Information Processing
/// Systems 35 (2022).
public struct SampleRatioTest: Sendable, Equatable {
    /// The Dirichlet prior's parameters add up to this: shares off by about a tenth of themselves are looked for first.
    static let concentration = 100.0

    /// The weights, adding up to 1.
    private let shares: [Double]

    /// nil for fewer than two weights, or one below 1.
    public init?(weights: [Int]) {
        guard weights.count >= 2, weights.allSatisfy({ $0 >= 1 }) else { return nil }
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        shares = weights.map { Double($0) / sum }
    }

    /// The Bayes factor of other shares than the weights', given how many subjects each outcome has. The order in which
    /// they came makes no difference. nil where there is not one count for each weight, or one is negative.
    ///
    /// With a = 100 × share and x = count + a, whose sums are A and X, it is
    /// Γ(A) / Γ(X) × Π Γ(x) / (Γ(a) share^count). Put into Stirling's approximation the large terms leave a deviance.
    public func evidence(counts: [Int]) -> Evidence? {
        guard counts.count == shares.count, counts.allSatisfy({ $0 >= 0 }) else { return nil }
        let total = counts.reduce(0.0) { $0 + Double($1) }
        let terms = zip(counts, shares).map { Self.term(count: Double($0), share: $1, total: total) }
        return Evidence(logFactor: terms.reduce(-Self.normalisation(total, share: 1), +))
    }

    private static func term(count: Double, share: Double, total: Double) -> Double {
        let prior = concentration * share
        let deviance = Deviance.term(
            observed: count + prior, expected: (total + concentration) * share, difference: count - total * share)
        return deviance + normalisation(count, share: share)
    }

    /// What Γ(count + a) / Γ(a) has beside its leading terms.
    private static func normalisation(_ count: Double, share: Double) -> Double {
        let prior = concentration * share
        return Stirling.error(count + prior) - Stirling.error(prior) - log1p(count / prior) / 2
    }
}

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
