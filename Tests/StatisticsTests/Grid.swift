import Statistics

/// Proportions from none to absurd.
enum Grid {
    static let trials = [1, 2, 3, 24, 25, 26, 50, 1000, 1_000_000, 1_000_000_000, 1 << 53, .max]

    static let proportions: [Proportion] = trials.flatMap { n in
        [0, 1, 24, 25, n / 1000, n / 2, n - n / 10, n - 25, n - 1, n].compactMap {
            Proportion(successes: $0, trials: n)
        }
    }

    static let levels = [1e-15, 1e-6, 0.01, 0.05, 0.2, 0.5].compactMap { SignificanceLevel($0) }

    static var pairs: [(Proportion, Proportion)] {
        proportions.flatMap { outcome in proportions.map { (outcome, $0) } }
    }
}
