import Glibc
import Statistics
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
        var running = RunningExperiment(traffic)
        while running.days < traffic.days { running.nextDay(using: &generator) }
        return running.experiment
    }
}

/// An experiment whose subjects convert at once, and what there is of it so far.
struct RunningExperiment {
    private(set) var experiment: Experiment
    private(set) var days = 0
    private(set) var outcome = ArmCounts()
    private(set) var baseline = ArmCounts()

    init(_ traffic: Traffic) {
        experiment = Experiment(traffic)
    }

    /// A day's subjects, and the look at its end.
    mutating func nextDay(using generator: inout SeededGenerator) {
        let traffic = experiment.traffic
        let subjects = traffic.subjects(using: &generator)
        outcome.add(subjects.outcome, traffic.outcomeRate, using: &generator)
        baseline.add(subjects.baseline, traffic.baselineRate, using: &generator)
        days += 1
        experiment.look(day: days, outcome: outcome, baseline: baseline)
    }
}

extension ArmCounts {
    /// A day's subjects, each of whom converts with the probability `rate`.
    mutating func add(_ subjects: Int, _ rate: Double, using generator: inout SeededGenerator) {
        let conversions = BinomialDistribution(trials: subjects, probability: rate).draw(using: &generator)
        add(subjects: subjects, conversions: conversions)
    }
}

/// What came of many experiments of one setting.
struct VerdictTally: Sendable {
    private(set) var experiments = 0
    /// In how many the always-valid interval left 0 out at one look or more.
    private(set) var alarms = 0
    /// In how many the interval for one look did, looked at each time that the other was there.
    private(set) var oneLookAlarms = 0
    /// In how many the always-valid interval left the true difference out at one look or more.
    private(set) var misses = 0
    /// The always-valid interval's width ÷ that for one look, at the last look.
    private(set) var widthRatios: [Double] = []
    /// The first day with a verdict, of those that had one.
    private(set) var verdictDays: [Int] = []
    /// In how many the lift's interval left the true lift out at one look or more.
    private(set) var liftMisses = 0
    /// The lift's interval's width at the last look, of those that could be told.
    private(set) var liftWidths: [Double] = []

    mutating func add(_ experiment: Experiment) {
        experiments += 1
        if let day = experiment.verdictDay { verdictDays.append(day) }
        if experiment.verdictDay != nil { alarms += 1 }
        if experiment.oneLookDay != nil { oneLookAlarms += 1 }
        if experiment.missed { misses += 1 }
        if let ratio = experiment.widthRatio { widthRatios.append(ratio) }
        if experiment.missedLift { liftMisses += 1 }
        if let width = experiment.liftWidth { liftWidths.append(width) }
    }

    func share(_ count: Int) -> Double {
        Double(count) / Double(max(experiments, 1))
    }

    /// nil where fewer than half of the experiments had conversions enough at the last look.
    var widthRatio: Double? {
        Self.median(widthRatios, of: experiments)
    }

    /// nil where fewer than half of the experiments had one that could be told at the last look.
    var liftWidth: Double? {
        Self.median(liftWidths, of: experiments)
    }

    /// The day by which half of all experiments have had their verdict; nil where fewer ever have.
    var medianVerdictDay: Double? {
        verdictDay(of: 0.5).map(Double.init)
    }

    /// The day by which this share of all experiments have had their verdict; nil where fewer ever have.
    func verdictDay(of share: Double) -> Int? {
        Self.quantile(share, verdictDays, of: experiments)
    }

    private static func median(_ values: [Double], of count: Int) -> Double? {
        quantile(0.5, values, of: count)
    }

    /// Values that are missing are greater than all others.
    private static func quantile<Value: Comparable>(_ share: Double, _ values: [Value], of count: Int) -> Value? {
        let place = Int(Double(count) * share)
        return place < values.count ? values.sorted()[place] : nil
    }
}

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

    /// What is beyond the goals: nearly everyone converts, or it goes on for years.
    static func extremes() async -> Section {
        await table(
            "The same for rates near 1, and for years. No goal.",
            Traffic.header + ["days", "false alarms", "(with 25 not converted too)"], extremeTraffic
        ) { traffic, seed in
            let careful = with(traffic) { $0.failuresNeeded = 25 }
            let tallies = [traffic, careful].map {
                VerdictSimulation(traffic: $0).run(experiments: experiments, seed: seed)
            }
            return traffic.cells + ["\(traffic.days)"] + tallies.map { Text.percent($0.share($0.alarms)) }
        }
    }

    private static let extremeTraffic =
        traffic(daily: [200, 2000], rates: [0.95, 0.998])
        + splits.map { Traffic(split: $0, subjectsDaily: 2000, baselineRate: 0.01, days: 900) }

    private static func with(_ traffic: Traffic, _ change: (inout Traffic) -> Void) -> Traffic {
        var traffic = traffic
        change(&traffic)
        return traffic
    }

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

    /// Where the default τ is too wide or too narrow for the traffic, and another is declared.
    static func declaredTau() async -> Section {
        await table(
            "The same where τ is declared to suit the traffic: false alarms and width.",
            Traffic.header + ["tau", "false alarms", "ratio", "result"],
            [
                Traffic(subjectsDaily: 20_000, baselineRate: 0.002, tau: 0.001),
                Traffic(split: 0.1, subjectsDaily: 200, baselineRate: 0.5, tau: 0.05),
            ]
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            let (alarms, ratio) = (tally.share(tally.alarms), tally.widthRatio ?? .infinity)
            let isReached = Goal.verdictAlarms.isReached(by: alarms) && Goal.widthRatio.isReached(by: ratio)
            return traffic.cells + [
                Text.fixed(traffic.tau, 3), Text.percent(alarms), Text.fixed(ratio, 2),
                Goal.result(isReached),
            ]
        }
    }

    /// What goes for the width on day 90, and where it comes from.
    static func tauRange() async -> Section {
        await table(
            "The ratio by the difference's standard error, in τ, and what it would be without a tenth and ten times τ. No goal.",
            ["standard error ÷ tau", "ratio", "(of τ alone)"],
            [0.001, 0.003, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 2, 5, 10]
        ) { error, _ in
            let (variance, oneLook) = (error * error, StandardNormal.quantile(upperTail: 0.025) * error)
            let radius = ConfidenceSequence(.fivePercent, tau: 1)?.radius(variance: variance) ?? .nan
            let ofOne = (variance * (1 + variance) * (2 * log(1 / 0.05) + log1p(1 / variance))).squareRoot()
            return [Text.fixed(error, 3), Text.fixed(radius / oneLook, 2), Text.fixed(ofOne / oneLook, 2)]
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

    /// The lift's interval, where there is a lift, and where there is none.
    static func lifts() async -> Section {
        let settings = [0, 0.2, 1, -0.5].flatMap { lift in
            splits.flatMap { split in
                [(0.002, 20_000), (0.01, 2000), (0.05, 2000), (0.2, 200), (0.45, 2000)].map { rate, daily in
                    Traffic(split: split, subjectsDaily: daily, baselineRate: rate, lift: lift, looksAtLift: true)
                }
            }
        }
        return await table(
            "The lift's interval: 90 daily looks, \(experiments) experiments, goal 5.0 % that ever miss it at most.",
            ["lift"] + Traffic.header + ["told by day 90", "width then", "intervals that ever missed it", "result"],
            settings
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            let misses = tally.share(tally.liftMisses)
            return [Text.percent(traffic.lift)] + traffic.cells + [
                Text.percent(tally.share(tally.liftWidths.count)), tally.liftWidth.map(Text.percent) ?? "-",
                Text.percent(misses), Goal.verdictAlarms.result(of: misses),
            ]
        }
    }
}
