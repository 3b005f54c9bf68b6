import Statistics
import TestSupport

/// Running experiments that are looked at on one day: of those that have no verdict then, how many have theirs by the days that
/// each is told.
struct OutlookSimulation: Sendable {
    let traffic: Traffic
    /// When the outlook is asked for.
    let day: Int

    /// Whether its goals count: where each arm has a hundred conversions by then, on the average. With fewer, outlooks are too hopeful
    /// by more than the goals allow: those without a verdict have too low a rate of the better outcome, and with it too small a
    /// variance.
    var hasGoal: Bool {
        min(traffic.split * traffic.outcomeRate, traffic.baselineShare * traffic.baselineRate)
            * Double(traffic.subjectsDaily * day) >= 100
    }

    func run(experiments: Int, seed: UInt64) -> OutlookTally {
        var generator = SeededGenerator(seed: seed)
        var tally = OutlookTally()
        for _ in 0..<experiments { experiment(&tally, using: &generator) }
        return tally
    }

    private func experiment(_ tally: inout OutlookTally, using generator: inout SeededGenerator) {
        var running = RunningExperiment(traffic)
        while running.days < day { running.nextDay(using: &generator) }
        guard running.experiment.hasInterval, running.experiment.verdictDay == nil else { return }
        guard let days = days(of: running), let last = days.max() else {
            tally.untold += 1
            return
        }
        while running.days < day + last, running.experiment.verdictDay == nil { running.nextDay(using: &generator) }
        tally.add(told: days, truth: running.experiment.verdictDay.map { $0 - day })
    }

    /// nil where one of the days is too far off to be told.
    private func days(of running: RunningExperiment) -> [Int]? {
        guard let outcome = running.outcome.proportion, let baseline = running.baseline.proportion else { return nil }
        let subjects = Double(traffic.subjectsDaily)
        let outlook = VerdictOutlook(
            outcome: outcome, baseline: baseline,
            daily: (outcome: traffic.split * subjects, baseline: traffic.baselineShare * subjects),
            sharedAmong: traffic.otherShares.count + 1, tau: traffic.tau)
        let days = outlook?.days(difference: traffic.trueDifference, probabilities: VerdictShare.all.map(\.share))
        return days.flatMap { $0.contains(nil) ? nil : $0.compactMap(\.self) }
    }
}

/// What came of the outlooks of one setting.
struct OutlookTally: Sendable {
    /// What was told of one share of the verdicts.
    struct Told: Sendable {
        let aim: VerdictShare
        /// Days from then on, of each experiment.
        private(set) var days: [Int] = []
        /// How many have their verdict by the day that they were told.
        private var byThen = 0
        /// How many have it by the day before.
        private var earlier = 0

        init(_ aim: VerdictShare) {
            self.aim = aim
        }

        mutating func add(_ day: Int, truth: Int?) {
            days.append(day)
            guard let truth else { return }
            if truth <= day { byThen += 1 }
            if truth < day { earlier += 1 }
        }

        var isReached: Bool {
            aim.byThen.isReached(by: share(byThen)) && aim.earlier.isReached(by: share(earlier))
        }

        var cells: [String] {
            let median = days.isEmpty ? nil : days.sorted()[days.count / 2]
            return [median.map(String.init) ?? "-", Text.percent(share(byThen)), Text.percent(share(earlier))]
        }

        private func share(_ count: Int) -> Double { Double(count) / Double(max(days.count, 1)) }
    }

    private(set) var told = VerdictShare.all.map(Told.init)
    /// How many could be told no day.
    var untold = 0

    var experiments: Int { told[0].days.count }

    /// - Parameter truth: days from then on until there was a verdict; nil where that is later than the last day told.
    mutating func add(told days: [Int], truth: Int?) {
        for (index, day) in days.enumerated() { told[index].add(day, truth: truth) }
    }
}

/// By when so many of all tests have their verdict is what is told.
struct VerdictShare: Sendable {
    let name: String
    let share: Double
    /// How many have it by the day that is told, and by the day before. The days are whole.
    let byThen: Goal
    let earlier: Goal

    static let all = [
        VerdictShare(name: "half", share: 0.5, byThen: Goal(least: 0.45), earlier: Goal(most: 0.55)),
        VerdictShare(name: "four in five", share: 0.8, byThen: Goal(least: 0.75), earlier: Goal(most: 0.85)),
    ]
}

/// A day of a plan beside the one that came.
private struct PlannedDay {
    /// nil where it is never.
    let planned: Int?
    /// nil where it is later than all days that were simulated.
    let simulated: Int?
    /// How many were simulated.
    let days: Int

    /// How far the two are apart, in what is allowed: a tenth, or a day. What was not simulated is taken for the day after the last
    /// where the plan is earlier than that, and else for what was planned.
    var distance: Double {
        let planned = planned ?? .max
        let simulated = Double(simulated ?? max(days + 1, planned))
        return abs(Double(planned) - simulated) / max(simulated / 10, 1)
    }

    var cells: [String] {
        [planned.flatMap { $0 <= days ? $0 : nil }, simulated].map { $0.map(String.init) ?? "-" }
    }
}

extension Section {
    private static let experiments = 2000
    private static let days = 200

    private static func pairs(_ traffic: Traffic) -> [Traffic] {
        [traffic, traffic.withProposedTau]
    }

    /// The days by which half of all experiments have a verdict on a real difference, and four in five, as they are planned and as
    /// they come.
    static func plans() async -> Section {
        await table(
            "Verdicts by day, planned and simulated, \(experiments) experiments; goal: within a tenth, or a day.",
            ["lift"] + Traffic.header + ["tau"] + VerdictShare.all.flatMap { ["\($0.name) planned", "simulated"] }
                + ["result"],
            (twoOutcomes + moreOutcomes).flatMap(pairs)
        ) { traffic, seed in
            let tally = VerdictSimulation(traffic: traffic).run(experiments: experiments, seed: seed)
            let all = zip(VerdictShare.all, traffic.plannedDays(VerdictShare.all.map(\.share))).map { share, planned in
                PlannedDay(planned: planned, simulated: tally.verdictDay(of: share.share), days: traffic.days)
            }
            return traffic.cellsOfDifference + all.flatMap(\.cells) + [
                Goal.result(all.allSatisfy { Goal.distance.isReached(by: $0.distance) })
            ]
        }
    }

    private static let twoOutcomes = [(0.1, 20_000), (0.2, 2000), (0.2, 20_000), (0.5, 2000)].flatMap { lift, daily in
        [0.5, 0.1].flatMap { split in
            [0.002, 0.01, 0.05, 0.2].map { rate in
                Traffic(split: split, subjectsDaily: daily, baselineRate: rate, lift: lift, days: days)
            }
        }
    }

    /// The first outcome is one of those with the fewest subjects, whose verdict is planned.
    private static let moreOutcomes = [
        (1.0 / 3, [1.0 / 3]), (0.1, [0.3]), (0.25, [0.25, 0.25]), (0.1, [0.1, 0.2]),
    ].flatMap { split, others in
        [(0.01, 20_000), (0.05, 2000)].map { rate, daily in
            Traffic(
                split: split, otherShares: others, subjectsDaily: daily, baselineRate: rate, lift: 0.2, days: days)
        }
    }

    /// Experiments that are asked for their outlook when a third should have their verdict, of those that have none.
    static func outlooks() async -> Section {
        await table(
            "Of running experiments without a verdict, how many have it by the days that each is told, and by the days before; "
                + "goals: 45 % at least and 55 % at most for half, 75 % and 85 % for four in five, from 100 conversions on.",
            ["lift"] + Traffic.header + ["tau", "asked on day", "open", "told none"]
                + VerdictShare.all.flatMap { ["\($0.name) in", "by then", "the day before"] } + ["result"],
            runningTraffic.flatMap(pairs)
        ) { traffic, seed in
            let simulation = OutlookSimulation(traffic: traffic, day: traffic.plannedDays([1.0 / 3])[0] ?? traffic.days)
            let tally = simulation.run(experiments: 1500, seed: seed)
            let result = simulation.hasGoal ? Goal.result(tally.told.allSatisfy(\.isReached)) : "few conversions"
            return traffic.cellsOfDifference + ["\(simulation.day)", "\(tally.experiments)", "\(tally.untold)"]
                + tally.told.flatMap(\.cells) + [result]
        }
    }

    private static let runningTraffic = [
        Traffic(subjectsDaily: 20_000, baselineRate: 0.002, lift: 0.2),
        Traffic(split: 0.1, subjectsDaily: 2000, baselineRate: 0.002, lift: 0.5),
        Traffic(subjectsDaily: 2000, baselineRate: 0.01, lift: 0.2),
        Traffic(split: 0.1, subjectsDaily: 20_000, baselineRate: 0.01, lift: 0.1),
        Traffic(split: 0.1, subjectsDaily: 2000, baselineRate: 0.01, lift: 0.5),
        Traffic(subjectsDaily: 2000, baselineRate: 0.05, lift: -0.2),
        Traffic(split: 0.1, subjectsDaily: 2000, baselineRate: 0.05, lift: 0.2),
        Traffic(subjectsDaily: 200, baselineRate: 0.2, lift: 0.2),
        Traffic(split: 0.25, otherShares: [0.25, 0.25], subjectsDaily: 2000, baselineRate: 0.05, lift: 0.2),
    ]
}

extension Goal {
    /// Of a ``PlannedDay``.
    fileprivate static let distance = Goal(most: 1)
}

extension Experiment {
    /// Whether there were conversions enough at the latest look.
    fileprivate var hasInterval: Bool { widthRatio != nil }
}

extension Traffic {
    /// Whose first weight is the baseline's.
    private var plan: TestPlan? {
        TestPlan(
            baselineRate: baselineRate, subjectsDaily: Double(subjectsDaily),
            weights: ([baselineShare, split] + otherShares).map { Int(($0 * 100).rounded()) })
    }

    fileprivate func plannedDays(_ probabilities: [Double]) -> [Int?] {
        plan?.days(difference: trueDifference, tau: tau, probabilities: probabilities) ?? probabilities.map { _ in nil }
    }

    fileprivate var withProposedTau: Traffic {
        var traffic = self
        traffic.tau = plan?.tau(for: trueDifference) ?? tau
        return traffic
    }

    fileprivate var cellsOfDifference: [String] {
        [Text.percent(lift)] + cells + [Text.fixed(tau, 4)]
    }
}
