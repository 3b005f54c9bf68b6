import TestSupport

/// Experiments whose subjects convert at once.
struct VerdictSimulation: Sendable {
    let traffic: Traffic

    func run(experiments: Int, seed: UInt64) -> VerdictTally {
        var generator = SeededGenerator(seed: seed)
        var tally = VerdictTally()
        for _ in 0..<experiments { tally.add(experiment(using: &generator)) }
        return tally
    }

    private func experiment(using generator: inout SeededGenerator) -> Experiment {
        var experiment = Experiment(traffic)
        var (outcome, baseline) = (ArmCounts(), ArmCounts())
        for day in 1...traffic.days {
            let subjects = traffic.subjects(using: &generator)
            outcome.add(subjects.outcome, traffic.outcomeRate, using: &generator)
            baseline.add(subjects.baseline, traffic.baselineRate, using: &generator)
            experiment.look(day: day, outcome: outcome, baseline: baseline)
        }
        return experiment
    }
}

extension ArmCounts {
    /// A day's subjects, each of whom converts with the probability `rate`.
    fileprivate mutating func add(_ subjects: Int, _ rate: Double, using generator: inout SeededGenerator) {
        let conversions = BinomialDistribution(trials: subjects, probability: rate).draw(using: &generator)
        add(subjects: subjects, conversions: conversions)
    }
}
