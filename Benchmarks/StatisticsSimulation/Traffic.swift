import Statistics

/// An experiment's setting: who comes, where they are assigned to, and how many of them convert.
struct Traffic: Sendable {
    /// The outcome's share of all subjects; the rest see the baseline.
    var split = 0.5
    var subjectsDaily: Int
    var baselineRate: Double
    /// The outcome's rate ÷ the baseline's, less 1.
    var lift = 0.0
    var days = 90
    /// What is declared for the group.
    var tau = ConfidenceSequence.defaultTau
    /// How many of each arm have to have not converted before there is a verdict. The statistics ask for none.
    var failuresNeeded = 0

    var outcomeRate: Double { baselineRate * (1 + lift) }

    var trueDifference: Double { outcomeRate - baselineRate }

    /// A day's subjects by arm: they come as they are assigned, at random.
    func subjects(using generator: inout some RandomNumberGenerator) -> (outcome: Int, baseline: Int) {
        let outcome = BinomialDistribution(trials: subjectsDaily, probability: split).draw(using: &generator)
        return (outcome, subjectsDaily - outcome)
    }

    /// The setting as a table shows it.
    var cells: [String] {
        [Text.percent(baselineRate), "\(Text.share(split))/\(Text.share(1 - split))", "\(subjectsDaily)"]
    }

    static let header = ["rate", "split", "a day"]
}
