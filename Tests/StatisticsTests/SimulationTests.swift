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
