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
}
