import Glibc

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
