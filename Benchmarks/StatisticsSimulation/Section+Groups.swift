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
