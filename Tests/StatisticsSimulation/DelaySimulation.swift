import Glibc
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

/// One arm whose subjects convert some days after they were exposed.
struct DelayedArm {
    private struct Cohort {
        let subjects: Int
        /// By the number of days after which they are seen.
        let conversions: [Int]
    }

    let rate: Double
    let delay: Delay
    private var cohorts: [Cohort] = []

    init(rate: Double, delay: Delay) {
        self.rate = rate
        self.delay = delay
    }

    mutating func expose(_ subjects: Int, using generator: inout some RandomNumberGenerator) {
        let conversions = BinomialDistribution(trials: subjects, probability: rate).draw(using: &generator)
        cohorts.append(Cohort(subjects: subjects, conversions: delay.split(conversions, using: &generator)))
    }

    /// What is known at the end of the latest day of those who were exposed at least `days` days ago.
    func counts(exposedBefore days: Int) -> ArmCounts {
        var counts = ArmCounts()
        for (day, cohort) in cohorts.enumerated().dropLast(days) {
            let age = cohorts.count - 1 - day
            let seen = cohort.conversions.prefix(age + 1).reduce(0, +)
            counts.add(subjects: cohort.subjects, conversions: seen)
        }
        return counts
    }
}

/// How long a conversion comes after the exposure: an exponential distribution cut off at the window, whose parameter,
/// which may be of either sign, gives it the mean. Subjects are exposed at any time of a day alike.
struct Delay: Sendable {
    static let windowDays = 7

    /// In days; greater than 0 and less than the window.
    let meanDays: Double
    /// The share of a day's later conversions that come on the same day, the next one, and so on through the window's
    /// last; each is a share of those that have not come before.
    let hazards: [Double]

    init(meanDays: Double) {
        self.meanDays = meanDays
        let parameter = Self.parameter(mean: meanDays)
        let seen = (0...Self.windowDays).map { Self.seen(throughDay: $0, parameter) }
        hazards = seen.indices.map { day in
            let before = day > 0 ? seen[day - 1] : 0
            return day == Self.windowDays ? 1 : (seen[day] - before) / (1 - before)
        }
    }

    /// Splits a day's later conversions by the number of whole days until they are seen.
    func split(_ conversions: Int, using generator: inout some RandomNumberGenerator) -> [Int] {
        var left = conversions
        return hazards.map { hazard in
            let count = BinomialDistribution(trials: left, probability: hazard).draw(using: &generator)
            left -= count
            return count
        }
    }

    /// The probability that a conversion comes within `days` of the exposure.
    static func probability(within days: Double, _ parameter: Double) -> Double {
        let days = min(max(days, 0), Double(windowDays))
        return expm1(parameter * days) / expm1(parameter * Double(windowDays))
    }

    /// That of being seen by the end of a day, over all times of the first day at which the exposure may have been.
    private static func seen(throughDay day: Int, _ parameter: Double) -> Double {
        let steps = 1000
        let sum = (0..<steps).reduce(0.0) { sum, step in
            sum + probability(within: Double(day) + (Double(step) + 0.5) / Double(steps), parameter)
        }
        return sum / Double(steps)
    }

    /// By bisection: the mean rises with the parameter.
    private static func parameter(mean: Double) -> Double {
        var (low, high) = (-100.0, 100.0)
        for _ in 0..<100 {
            // Never 0, where the formula for the mean has none.
            let middle = (low + high) / 2 + 1e-9
            if Self.mean(middle) < mean { low = middle } else { high = middle }
        }
        return low
    }

    private static func mean(_ parameter: Double) -> Double {
        let window = Double(windowDays)
        return window / -expm1(-parameter * window) - 1 / parameter
    }
}
