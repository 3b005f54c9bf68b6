import TestSupport

/// Experiments whose subjects convert late, in the outcome's arm later than in the baseline's, and finally as often.
struct DelaySimulation: Sendable {
    let traffic: Traffic
    let outcomeDelay = Delay(meanDays: 5)
    let baselineDelay = Delay(meanDays: 0.5)

    /// What the verdicts are when they wait for the window, and when they do not.
    func run(experiments: Int, seed: UInt64) -> (mature: VerdictTally, hasty: VerdictTally) {
        var generator = SeededGenerator(seed: seed)
        var (mature, hasty) = (VerdictTally(), VerdictTally())
        for _ in 0..<experiments {
            let experiment = experiment(using: &generator)
            mature.add(experiment.mature)
            hasty.add(experiment.hasty)
        }
        return (mature, hasty)
    }

    private func experiment(using generator: inout SeededGenerator) -> (mature: Experiment, hasty: Experiment) {
        var (mature, hasty) = (Experiment(traffic), Experiment(traffic))
        var outcome = DelayedArm(rate: traffic.outcomeRate, delay: outcomeDelay)
        var baseline = DelayedArm(rate: traffic.baselineRate, delay: baselineDelay)
        for day in 1...traffic.days {
            let subjects = traffic.subjects(using: &generator)
            outcome.expose(subjects.outcome, using: &generator)
            baseline.expose(subjects.baseline, using: &generator)
            mature.look(day: day, outcome, baseline, exposedBefore: Delay.windowDays)
            hasty.look(day: day, outcome, baseline, exposedBefore: 0)
        }
        return (mature, hasty)
    }
}

extension Experiment {
    fileprivate mutating func look(
        day: Int, _ outcome: DelayedArm, _ baseline: DelayedArm, exposedBefore days: Int
    ) {
        look(
            day: day, outcome: outcome.counts(exposedBefore: days), baseline: baseline.counts(exposedBefore: days))
    }
}
