extension Section {
    private static let experiments = 2000
    private static let rates = [0.002, 0.01, 0.05, 0.2, 0.5]
    private static let splits = [0.5, 0.1]

    private static func traffic(daily: [Int], rates: [Double] = Self.rates, lift: Double = 0) -> [Traffic] {
        splits.flatMap { split in
            rates.flatMap { rate in
                daily.map { Traffic(split: split, subjectsDaily: $0, baselineRate: rate, lift: lift) }
            }
        }
    }

    /// Equal rates: each verdict is a false alarm.
    static func verdicts() async -> Section {
        await table(
            "Verdicts where rates are equal: 90 daily looks, \(experiments) experiments, goal 5.0 % at most.",
            Traffic.header + ["false alarms", "(by the one-look interval)", "result"],
            traffic(daily: [200, 2000, 20_000])
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            let alarms = tally.share(tally.alarms)
            return traffic.cells + [
                Text.percent(alarms), Text.percent(tally.share(tally.oneLookAlarms)),
                Goal.verdictAlarms.result(of: alarms),
            ]
        }
    }

    /// Rates that are beyond the goals': nearly everyone converts.
    static func highRates() async -> Section {
        await table(
            "The same for rates near 1, and ten times as often looked at.",
            Traffic.header + ["days", "false alarms", "result"], Self.extremes
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            let alarms = tally.share(tally.alarms)
            return traffic.cells + ["\(traffic.days)", Text.percent(alarms), Goal.verdictAlarms.result(of: alarms)]
        }
    }

    private static let extremes =
        traffic(daily: [200, 2000], rates: [0.95, 0.998])
        + splits.map { Traffic(split: $0, subjectsDaily: 2000, baselineRate: 0.01, days: 900) }

    /// Late conversions, equal final rates.
    static func delays() async -> Section {
        await table(
            "The same with conversions five days late on average in the outcome's arm, half a day in the baseline's.",
            Traffic.header + ["false alarms", "(not waiting for the window)", "result"], traffic(daily: [200, 2000])
        ) { traffic, seed in
            let tallies = DelaySimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            let alarms = tallies.mature.share(tallies.mature.alarms)
            return traffic.cells + [
                Text.percent(alarms), Text.percent(tallies.hasty.share(tallies.hasty.alarms)),
                Goal.verdictAlarms.result(of: alarms),
            ]
        }
    }

    /// Equal rates; only the last look matters.
    static func widths() async -> Section {
        await table(
            "Width of the always-valid interval ÷ that for one look, on day 90 (median), goal 2.00 at most.",
            Traffic.header + ["ratio", "result"], traffic(daily: [200, 2000, 20_000])
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: 200, seed: seed)
            guard let ratio = tally.widthRatio else { return traffic.cells + ["-", "too few conversions"] }
            return traffic.cells + [Text.fixed(ratio, 2), Goal.widthRatio.result(of: ratio)]
        }
    }

    /// A real difference: how long it takes to be seen, and whether the intervals ever leave it out.
    static func power() async -> Section {
        await table(
            "A real lift of 20 %: daily looks for 90 days, \(experiments) experiments. No goal.",
            Traffic.header + ["verdict by day 90", "half by day", "intervals that ever missed it"],
            traffic(daily: [200, 2000, 20_000], lift: 0.2)
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            return traffic.cells + [
                Text.percent(tally.share(tally.verdictDays.count)),
                tally.medianVerdictDay.map { Text.fixed($0, 0) } ?? "-", Text.percent(tally.share(tally.misses)),
            ]
        }
    }
}
