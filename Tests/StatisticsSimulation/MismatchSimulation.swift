import Statistics
import TestSupport

/// Groups whose subjects are assigned by some shares, tested against some weights every day.
struct MismatchSimulation: Sendable {
    let weights: [Int]
    let subjectsDaily: Int
    /// How much of the first arm's subjects is lost before they are counted, from 0 to 1.
    var lost = 0.0
    var days = 365

    func run(experiments: Int, seed: UInt64) -> AlarmTally {
        var tally = AlarmTally(experiments: experiments)
        guard let test = SampleRatioTest(weights: weights) else { return tally }
        var generator = SeededGenerator(seed: seed)
        let sum = Double(weights.reduce(0, +))
        let assignment = MultinomialDistribution(trials: subjectsDaily, shares: weights.map { Double($0) / sum })
        for _ in 0..<experiments {
            var counts = weights.map { _ in 0 }
            tally.watch(days: days) {
                var today = assignment.draw(using: &generator)
                today[0] = BinomialDistribution(trials: today[0], probability: 1 - lost).draw(using: &generator)
                for index in counts.indices { counts[index] += today[index] }
                return test.evidence(counts: counts)
            }
        }
        return tally
    }

    var cells: [String] {
        [weights.map { "\($0)" }.joined(separator: ":"), "\(subjectsDaily)"]
    }
}

/// Groups some of whose requests are refused, tested every day.
struct RefusalSimulation: Sendable {
    /// Of the requests, adding up to 1.
    let shares: [Double]
    let requestsDaily: Int
    /// The probability of a refusal.
    let rate: Double
    /// The first arm's rate ÷ the others'.
    var ratio = 1.0
    /// How many days in a hundred have an outage, which refuses a fifth of all requests.
    var outages = 0
    /// How often a visitor who was refused tries again, in vain.
    var retries = 0
    var days = 365

    func run(experiments: Int, seed: UInt64) -> AlarmTally {
        var generator = SeededGenerator(seed: seed)
        var tally = AlarmTally(experiments: experiments)
        for _ in 0..<experiments {
            var arms = shares.map { _ in ArmCounts() }
            tally.watch(days: days) {
                day(&arms, using: &generator)
                return RefusalTest.evidence(arms.compactMap(\.proportion))
            }
        }
        return tally
    }

    private func day(_ arms: inout [ArmCounts], using generator: inout SeededGenerator) {
        let requests = MultinomialDistribution(trials: requestsDaily, shares: shares).draw(using: &generator)
        let isOutage = Int.random(in: 0..<100, using: &generator) < outages
        for index in arms.indices {
            let rate = (isOutage ? 0.2 : rate) * (index == 0 ? ratio : 1)
            let refused = BinomialDistribution(trials: requests[index], probability: rate).draw(using: &generator)
            let again = refused * retries
            arms[index].add(subjects: requests[index] + again, conversions: refused + again)
        }
    }

    var cells: [String] {
        [
            shares.map(Text.share).joined(separator: ":"), "\(requestsDaily)", Text.percent(rate),
            outages > 0 ? "\(outages) in 100" : "none",
        ]
    }
}

/// How many experiments had an alarm, and when.
struct AlarmTally: Sendable {
    let experiments: Int
    /// The first day of each that had one.
    private(set) var alarmDays: [Int] = []

    init(experiments: Int) {
        self.experiments = experiments
    }

    /// Looks at one experiment each day until there is an alarm.
    mutating func watch(days: Int, evidence: () -> Evidence?) {
        for day in 1...days where evidence()?.isAlarm == true {
            alarmDays.append(day)
            return
        }
    }

    var share: Double { Double(alarmDays.count) / Double(max(experiments, 1)) }

    /// The day by which half of all experiments have had an alarm; nil where fewer ever have.
    var medianDay: Int? {
        let place = experiments / 2
        return place < alarmDays.count ? alarmDays.sorted()[place] : nil
    }
}

extension Section {
    private static let experiments = 20_000

    static func mismatches() async -> Section {
        let weights = [[1, 1], [1, 9], [1, 99], [1, 1, 1, 1]]
        let settings = weights.flatMap { weights in
            [20, 2000].map { MismatchSimulation(weights: weights, subjectsDaily: $0) }
        }
        return await table(
            "Mismatch where there is none: 365 daily looks, \(experiments) groups, goal 0.10 % at most.",
            ["weights", "a day", "false alarms", "result"], settings
        ) { setting, seed in
            let share = setting.run(experiments: experiments, seed: seed).share
            return setting.cells + [Text.percent(share), Goal.groupAlarms.result(of: share)]
        }
    }

    static func mismatchPower() async -> Section {
        let settings = [0.01, 0.02, 0.05, 0.2].flatMap { lost in
            [[1, 1], [1, 9]].map { MismatchSimulation(weights: $0, subjectsDaily: 2000, lost: lost) }
        }
        return await table(
            "Mismatch where some of the first arm's subjects are lost. No goal.",
            ["weights", "a day", "lost", "alarm within a year", "half by day"], settings
        ) { setting, seed in
            let tally = setting.run(experiments: 500, seed: seed)
            return setting.cells + [
                Text.percent(setting.lost), Text.percent(tally.share), tally.medianDay.map(String.init) ?? "-",
            ]
        }
    }

    static func refusals() async -> Section {
        let settings = [[0.5, 0.5], [0.1, 0.9], [0.25, 0.25, 0.25, 0.25]].flatMap { shares in
            [(0.0001, 0), (0.01, 0), (0.1, 0), (0.001, 5)].map { rate, outages in
                RefusalSimulation(shares: shares, requestsDaily: 2000, rate: rate, outages: outages)
            }
        }
        return await table(
            "Refusals that do not differ: 365 daily looks, \(experiments) groups, goal 0.10 % at most.",
            ["shares", "a day", "refused", "outages", "false alarms", "result"], settings
        ) { setting, seed in
            let share = setting.run(experiments: experiments, seed: seed).share
            return setting.cells + [Text.percent(share), Goal.groupAlarms.result(of: share)]
        }
    }

    /// What is not a promise: requests that depend on each other.
    static func retries() async -> Section {
        let settings = [0, 1, 3].map {
            RefusalSimulation(shares: [0.5, 0.5], requestsDaily: 2000, rate: 0.01, retries: $0)
        }
        return await table(
            "Refusals that do not differ, where each who is refused tries again. No goal: such requests are no sample.",
            ["shares", "a day", "refused", "outages", "retries", "false alarms"], settings
        ) { setting, seed in
            setting.cells + ["\(setting.retries)", Text.percent(setting.run(experiments: 2000, seed: seed).share)]
        }
    }

    static func refusalPower() async -> Section {
        let settings = [[0.5, 0.5], [0.1, 0.9], [0.25, 0.25, 0.25, 0.25]].flatMap { shares in
            [(0.001, 2.0), (0.01, 1.2), (0.01, 1.5), (0.01, 2.0)].map { rate, ratio in
                RefusalSimulation(shares: shares, requestsDaily: 2000, rate: rate, ratio: ratio)
            }
        }
        return await table(
            "Refusals that are more frequent under the first outcome by a ratio. No goal.",
            ["shares", "a day", "refused", "outages", "ratio", "alarm within a year", "half by day"], settings
        ) { setting, seed in
            let tally = setting.run(experiments: 500, seed: seed)
            return setting.cells + [
                Text.fixed(setting.ratio, 1), Text.percent(tally.share), tally.medianDay.map(String.init) ?? "-",
            ]
        }
    }
}
