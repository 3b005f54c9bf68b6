import Glibc
import TestSupport
import Testing

@testable import StatisticsSimulation

/// Short forms of what `make statistics` does at length.
@Suite("Looking every day")
struct SimulationTests {
    /// Some 30 of each hundred experiments have a false alarm by the interval for one look, and one or two by the
    /// other. Between them the bound of 5 % cannot be missed by chance.
    @Test(
        "the always-valid verdict is wrong in at most 5 % of experiments, the interval for one look in far more"
    )
    func verdicts() {
        let traffic = Traffic(split: 0.5, subjectsDaily: 400, baselineRate: 0.2, days: 60)
        let tally = VerdictSimulation(traffic: traffic).run(experiments: 300, seed: 1)
        #expect(tally.share(tally.alarms) <= 0.05)
        #expect(tally.share(tally.misses) <= 0.05)
        #expect(tally.share(tally.oneLookAlarms) > 0.2)
    }

    @Test("so it is with rare conversions and unequal arms")
    func rare() {
        let traffic = Traffic(split: 0.1, subjectsDaily: 20_000, baselineRate: 0.005, days: 60)
        let tally = VerdictSimulation(traffic: traffic).run(experiments: 300, seed: 2)
        #expect(tally.share(tally.alarms) <= 0.05)
        #expect(tally.share(tally.oneLookAlarms) > 0.15)
    }

    @Test("late conversions make no verdict when it waits for the window, and nearly always one when it does not")
    func delays() {
        let traffic = Traffic(split: 0.5, subjectsDaily: 2000, baselineRate: 0.2, days: 30)
        let tallies = DelaySimulation(traffic: traffic).run(experiments: 100, seed: 3)
        #expect(tallies.mature.share(tallies.mature.alarms) <= 0.05)
        #expect(tallies.hasty.share(tallies.hasty.alarms) > 0.9)
    }

    @Test("a real lift is seen")
    func power() {
        let traffic = Traffic(split: 0.5, subjectsDaily: 2000, baselineRate: 0.2, lift: 0.2, days: 30)
        let tally = VerdictSimulation(traffic: traffic).run(experiments: 50, seed: 4)
        #expect(tally.verdictDays.count == 50)
    }

    @Test(
        "the lift's interval leaves the true lift out at any look in at most 5 % of experiments, and is told in the end"
    )
    func lift() {
        let traffic = Traffic(split: 0.3, subjectsDaily: 400, baselineRate: 0.1, lift: 0.5, days: 60, looksAtLift: true)
        let tally = VerdictSimulation(traffic: traffic).run(experiments: 200, seed: 9)
        #expect(tally.share(tally.liftMisses) <= 0.05)
        #expect(tally.liftWidths.count == 200)
    }

    @Test("a mismatch is found where a tenth of one arm is lost, and hardly ever where nothing is")
    func mismatch() {
        let sound = MismatchSimulation(weights: [1, 1], subjectsDaily: 200, days: 100)
        #expect(sound.run(experiments: 200, seed: 5).alarmDays.count <= 2)
        let lossy = MismatchSimulation(weights: [1, 1], subjectsDaily: 2000, lost: 0.1, days: 100)
        #expect(lossy.run(experiments: 50, seed: 6).alarmDays.count == 50)
    }

    @Test("refusals are found where one outcome has twice as many, and hardly ever where all have as many")
    func refusals() {
        let sound = RefusalSimulation(shares: [0.5, 0.5], requestsDaily: 2000, rate: 0.01, outages: 5, days: 60)
        #expect(sound.run(experiments: 100, seed: 7).alarmDays.count <= 1)
        let unequal = RefusalSimulation(shares: [0.5, 0.5], requestsDaily: 2000, rate: 0.01, ratio: 2, days: 60)
        #expect(unequal.run(experiments: 50, seed: 8).alarmDays.count == 50)
    }
}

@Suite("What the simulations draw")
struct SamplerTests {
    /// Few and many expected successes, on both sides of a half.
    static let distributions = [(1, 0.3), (40, 0.1), (50, 0.5), (400, 0.03), (400, 0.9), (9000, 0.002), (90, 0.4)]

    @Test("binomial numbers are as frequent as their probabilities", arguments: distributions)
    func binomial(trials: Int, probability: Double) {
        var generator = SeededGenerator(seed: 1)
        let distribution = BinomialDistribution(trials: trials, probability: probability)
        let draws = 40_000
        var counts = [Int](repeating: 0, count: trials + 1)
        for _ in 0..<draws { counts[distribution.draw(using: &generator)] += 1 }
        var (statistic, cells) = (0.0, 0.0)
        for (count, observed) in counts.enumerated() {
            let expected = Double(draws) * Self.probability(of: count, trials, probability)
            guard expected >= 5 else { continue }
            statistic += (Double(observed) - expected) * (Double(observed) - expected) / expected
            cells += 1
        }
        // Pearson's statistic has about this mean and, with five deviations more, its greatest.
        #expect(statistic < cells + 5 * (2 * cells).squareRoot())
    }

    private static func probability(of count: Int, _ trials: Int, _ p: Double) -> Double {
        let (k, n) = (Double(count), Double(trials))
        return exp(logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * log(p) + (n - k) * log1p(-p))
    }

    private static func logFactorial(_ value: Double) -> Double {
        var sign: CInt = 0
        return lgamma_r(value + 1, &sign)
    }

    @Test("binomial numbers of huge distributions have their mean and variance")
    func huge() {
        var generator = SeededGenerator(seed: 2)
        let distribution = BinomialDistribution(trials: 1_000_000_000, probability: 0.25)
        let draws = (0..<10_000).map { _ in Double(distribution.draw(using: &generator)) }
        let mean = draws.reduce(0, +) / 10_000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9999
        #expect(abs(mean - 2.5e8) < 5 * (1.875e8 / 10_000).squareRoot())
        #expect(abs(variance / 1.875e8 - 1) < 5 * (2.0 / 10_000).squareRoot())
    }

    @Test("nothing is drawn of nothing, and all of what is certain")
    func certain() {
        var generator = SeededGenerator(seed: 3)
        #expect(BinomialDistribution(trials: 0, probability: 0.5).draw(using: &generator) == 0)
        #expect(BinomialDistribution(trials: 9, probability: 0).draw(using: &generator) == 0)
        #expect(BinomialDistribution(trials: 9, probability: 1).draw(using: &generator) == 9)
        #expect(MultinomialDistribution(trials: 9, shares: [0.2, 0.3, 0.5]).draw(using: &generator).reduce(0, +) == 9)
    }

    @Test("delays have the mean that was asked for, and end with the window", arguments: [0.5, 3.5, 5])
    func delays(mean: Double) {
        let delay = Delay(meanDays: mean)
        // Exposed in the middle of a day on average, so a conversion is seen half a day later than it comes, and at the
        // end of its day, another half.
        var (left, days) = (1.0, 0.0)
        for (day, hazard) in delay.hazards.enumerated() {
            days += left * hazard * Double(day)
            left *= 1 - hazard
        }
        #expect(abs(days - mean) < 1e-3)
        #expect(left == 0)
    }
}
