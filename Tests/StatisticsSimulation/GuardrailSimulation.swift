import Statistics
import TestSupport

/// Experiments with guardrails: conversions that have nothing to do with the primary one, each with the same rates.
struct GuardrailSimulation: Sendable {
    struct Setting: Sendable {
        /// Of the primary conversion, whose rates are equal.
        var traffic: Traffic
        var guardrails = 1
        /// The baseline's rate of each guardrail.
        var rate: Double
        /// In proportion to that rate.
        var margin: Double
        /// The true fall of the outcome's rate, in proportion to the margin: 1 where it is just what it may be.
        var fall: Double

        var difference: Double { -rate * margin * fall }
    }

    /// What came of many experiments of one setting.
    struct Tally {
        var experiments = 0
        /// In how many the primary conversion had a verdict, or a guardrail whose fall is the margin held or was broken, at one look
        /// or more.
        var errors = 0
        /// In how many an interval of a guardrail ever left the true difference out.
        var misses = 0
        /// The first day on which each guardrail held, and on which it was broken.
        var held: [Int] = []
        var broken: [Int] = []

        func share(_ count: Int) -> Double { Double(count) / Double(max(experiments, 1)) }

        /// The day by which half of all have it; nil where fewer ever have.
        func median(_ days: [Int], of setting: Setting) -> Int? {
            let place = experiments * setting.guardrails / 2
            return place < days.count ? days.sorted()[place] : nil
        }
    }

    let setting: Setting

    func run(experiments: Int, seed: UInt64) -> Tally {
        var generator = SeededGenerator(seed: seed)
        var tally = Tally()
        for _ in 0..<experiments { experiment(&tally, using: &generator) }
        return tally
    }

    private func experiment(_ tally: inout Tally, using generator: inout SeededGenerator) {
        let traffic = setting.traffic
        let conversions = 1 + setting.guardrails
        let margin = setting.rate * setting.margin
        var arms = Array(repeating: (outcome: ArmCounts(), baseline: ArmCounts()), count: conversions)
        var held: [Int: Int] = [:]
        var broken: [Int: Int] = [:]
        var (isWrong, isMissed) = (false, false)
        for day in 1...traffic.days {
            let subjects = traffic.subjects(using: &generator)
            for index in 0..<conversions {
                let rate = index == 0 ? traffic.baselineRate : setting.rate
                let fall = index == 0 ? 0 : setting.difference
                arms[index].outcome.add(subjects.outcome, rate + fall, using: &generator)
                arms[index].baseline.add(subjects.baseline, rate, using: &generator)
            }
            for index in 0..<conversions {
                guard let outcome = arms[index].outcome.proportion, let baseline = arms[index].baseline.proportion
                else {
                    continue
                }
                let mature = [baseline, outcome]
                guard index > 0 else {
                    let compared = Comparison(
                        mature: mature, baseline: 0, conversions: conversions, tau: traffic.tau)?.arms.first
                    if [.better, .worse].contains(compared?.conclusion) { isWrong = true }
                    continue
                }
                guard
                    let arm = GuardrailComparison(
                        mature: mature, baseline: 0, margin: margin, conversions: conversions)?.arms.first
                else { continue }
                if arm.conclusion == .holds { held[index] = held[index] ?? day }
                if arm.conclusion == .broken { broken[index] = broken[index] ?? day }
                if arm.alwaysValid?.contains(setting.difference) == false { isMissed = true }
            }
        }
        if setting.fall == 1, !held.isEmpty || !broken.isEmpty { isWrong = true }
        tally.experiments += 1
        tally.errors += isWrong ? 1 : 0
        tally.misses += isMissed ? 1 : 0
        tally.held += held.values
        tally.broken += broken.values
    }
}

extension Section {
    private static let experiments = 2000

    private static func settings(fall: [Double], margins: [Double]) -> [GuardrailSimulation.Setting] {
        [(0.002, 20_000), (0.01, 2000), (0.05, 2000), (0.2, 200)].flatMap { rate, daily in
            margins.flatMap { margin in
                fall.flatMap { fall in
                    [1, 3].map { count in
                        GuardrailSimulation.Setting(
                            traffic: Traffic(subjectsDaily: daily, baselineRate: 0.05), guardrails: count, rate: rate,
                            margin: margin, fall: fall)
                    }
                }
            }
        }
    }

    private static func cells(_ setting: GuardrailSimulation.Setting) -> [String] {
        [
            Text.percent(setting.rate), "\(setting.traffic.subjectsDaily)", "\(setting.guardrails)",
            Text.percent(setting.rate * setting.margin),
        ]
    }

    private static let header = ["rate", "a day", "guardrails", "margin"]

    /// Rates that are lower by just the margin: whatever is said of a guardrail is wrong, and of the primary conversion, too.
    static func guardrailErrors() async -> Section {
        await table(
            "Guardrails that fall by just their margin, the primary conversion's rates equal: 90 daily looks, \(experiments) "
                + "experiments, goal 5.0 % with any verdict at most.",
            header + ["any verdict", "intervals that ever missed it", "result"],
            settings(fall: [1], margins: [0.05, 0.5])
        ) { setting, seed in
            let tally = GuardrailSimulation(setting: setting).run(experiments: experiments, seed: seed)
            let errors = tally.share(tally.errors)
            return cells(setting) + [
                Text.percent(errors), Text.percent(tally.share(tally.misses)), Goal.verdictAlarms.result(of: errors),
            ]
        }
    }

    /// How soon a guardrail holds that does not fall, and is broken where nobody converts any more.
    static func guardrailPower() async -> Section {
        await table(
            "Guardrails that do not fall, and those of which nothing is left: half of them hold, or are broken, by day. No goal.",
            header + ["truth", "by day", "held or broken wrongly"],
            settings(fall: [0, 2], margins: [0.5])
        ) { setting, seed in
            let tally = GuardrailSimulation(setting: setting).run(experiments: 200, seed: seed)
            let isFall = setting.fall > 0
            let day = tally.median(isFall ? tally.broken : tally.held, of: setting)
            let wrong = (isFall ? tally.held : tally.broken).count
            return cells(setting) + [
                isFall ? "nobody converts" : "no fall", day.map { "\($0)" } ?? "-", "\(wrong)",
            ]
        }
    }
}
