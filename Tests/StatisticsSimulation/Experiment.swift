import Glibc
import Statistics

/// One experiment that is looked at every day.
struct Experiment {
    let traffic: Traffic
    private(set) var verdictDay: Int?
    private(set) var oneLookDay: Int?
    private(set) var missed = false
    /// At the latest look; nil while there are too few conversions.
    private(set) var widthRatio: Double?
    private(set) var missedLift = false
    /// At the latest look; nil while it is too wide to be told.
    private(set) var liftWidth: Double?

    init(_ traffic: Traffic) {
        self.traffic = traffic
    }

    mutating func look(day: Int, outcome: ArmCounts, baseline: ArmCounts) {
        guard let outcome = outcome.proportion, let baseline = baseline.proportion,
            min(outcome.failures, baseline.failures) >= traffic.failuresNeeded,
            let arm = Comparison(
                mature: [baseline, outcome] + traffic.otherShares.map { _ in .none }, baseline: 0, tau: traffic.tau)?
                .arms.first,
            case .success(let interval) = arm.alwaysValid, let oneLook = arm.oneLook
        else { return }
        if !interval.contains(0) { verdictDay = verdictDay ?? day }
        if !oneLook.contains(0) { oneLookDay = oneLookDay ?? day }
        if !interval.contains(traffic.trueDifference) { missed = true }
        widthRatio = interval.width / oneLook.width
        if traffic.looksAtLift, let lift = arm.lift {
            if lift.interval?.contains(traffic.lift) == false { missedLift = true }
            liftWidth = lift.interval?.width
        }
    }
}

/// An experiment's setting: who comes, where they are assigned to, and how many of them convert.
struct Traffic: Sendable {
    /// The outcome's share of all subjects; the rest see the baseline, or the others.
    var split = 0.5
    /// Those of further outcomes, which share the level and are not looked at.
    var otherShares: [Double] = []
    var subjectsDaily: Int
    var baselineRate: Double
    /// The outcome's rate ÷ the baseline's, less 1.
    var lift = 0.0
    var days = 90
    /// What is declared for the group.
    var tau = ConfidenceSequence.defaultTau
    /// How many of each arm have to have not converted before there is a verdict. The statistics ask for none.
    var failuresNeeded = 0
    /// Whether the lift's interval is looked at besides, which takes far longer than all the rest.
    var looksAtLift = false

    var outcomeRate: Double { baselineRate * (1 + lift) }

    var trueDifference: Double { outcomeRate - baselineRate }

    var baselineShare: Double { otherShares.reduce(1 - split, -) }

    /// A day's subjects by arm: they come as they are assigned, at random.
    func subjects(using generator: inout some RandomNumberGenerator) -> (outcome: Int, baseline: Int) {
        let outcome = BinomialDistribution(trials: subjectsDaily, probability: split).draw(using: &generator)
        // Nothing is drawn where there are no others.
        let baseline = BinomialDistribution(trials: subjectsDaily - outcome, probability: baselineShare / (1 - split))
        return (outcome, baseline.draw(using: &generator))
    }

    /// The setting as a table shows it.
    var cells: [String] {
        let shares = [split] + otherShares + [baselineShare]
        return [Text.percent(baselineRate), shares.map(Text.share).joined(separator: "/"), "\(subjectsDaily)"]
    }

    static let header = ["rate", "split", "a day"]
}

/// One arm's counts so far.
struct ArmCounts {
    private(set) var subjects = 0
    private(set) var conversions = 0

    mutating func add(subjects: Int, conversions: Int) {
        self.subjects += subjects
        self.conversions += conversions
    }

    /// nil where more have converted than were there, which no simulation should bring about.
    var proportion: Proportion? {
        Proportion(successes: conversions, trials: subjects)
    }
}

/// How many of `trials` succeed, each with probability `probability`, from 0 to 1.
///
/// Exact up to the rounding of doubles. Sources: few expected successes by inversion, Kachitvichyanukul, Schmeiser,
/// Binomial random variate generation, Communications of the ACM 31 (1988), 216–222 (BINV); many by transformed
/// rejection, Hörmann, The generation of binomial random variates, Journal of Statistical Computation and Simulation 46
/// (1993), 101–110 (BTRS).
struct BinomialDistribution {
    let trials: Int
    let probability: Double

    func draw(using generator: inout some RandomNumberGenerator) -> Int {
        guard trials > 0, probability > 0 else { return 0 }
        guard probability < 1 else { return trials }
        let p = min(probability, 1 - probability)
        let rarer =
            Double(trials) * p < 10
            ? inverted(p, using: &generator) : transformedRejection(p, using: &generator)
        return probability > 0.5 ? trials - rarer : rarer
    }

    /// Walks up the probabilities of 0, 1, 2 … until a uniform number is used up.
    private func inverted(_ p: Double, using generator: inout some RandomNumberGenerator) -> Int {
        let odds = p / (1 - p)
        let none = exp(Double(trials) * log1p(-p))
        while true {
            var (left, probability, count) = (Self.uniform(using: &generator), none, 0)
            while left > probability, count <= trials {
                left -= probability
                count += 1
                probability *= (Double(trials + 1) / Double(count) - 1) * odds
            }
            // What rounding leaves beyond the last is no count.
            if count <= trials { return count }
        }
    }

    /// The constants are Hörmann's; they need at least ten expected successes.
    private func transformedRejection(_ p: Double, using generator: inout some RandomNumberGenerator) -> Int {
        let n = Double(trials)
        let deviation = (n * p * (1 - p)).squareRoot()
        let b = 1.15 + 2.53 * deviation
        let a = -0.0873 + 0.0248 * b + 0.01 * p
        let squeeze = 0.92 - 4.2 / b
        let mode = ((n + 1) * p).rounded(.down)
        while true {
            let u = Self.uniform(using: &generator) - 0.5
            let v = Self.uniform(using: &generator)
            let edge = 0.5 - abs(u)
            let count = ((2 * a / edge + b) * u + n * p + 0.5).rounded(.down)
            if edge >= 0.07, v <= squeeze { return Int(count) }
            guard count >= 0, count <= n else { continue }
            let scaled = v * (2.83 + 5.1 / b) * deviation / (a / (edge * edge) + b)
            if log(scaled) <= logRatio(count, to: mode, p) { return Int(count) }
        }
    }

    /// ln of the probability of `count` ÷ that of `mode`.
    private func logRatio(_ count: Double, to mode: Double, _ p: Double) -> Double {
        let n = Double(trials)
        return Self.logFactorial(mode) + Self.logFactorial(n - mode)
            - Self.logFactorial(count) - Self.logFactorial(n - count)
            + (count - mode) * log(p / (1 - p))
    }

    private static func logFactorial(_ value: Double) -> Double {
        var sign: CInt = 0
        return lgamma_r(value + 1, &sign)
    }

    /// From 0 to just under 1, in steps of 2⁻⁵³.
    private static func uniform(using generator: inout some RandomNumberGenerator) -> Double {
        Double(generator.next() >> 11) * 0x1p-53
    }
}

/// How `trials` fall to several arms, each with a share. One binomial after another, of what is left.
struct MultinomialDistribution {
    let trials: Int
    /// Adding up to 1.
    let shares: [Double]

    func draw(using generator: inout some RandomNumberGenerator) -> [Int] {
        var (left, rest) = (trials, 1.0)
        return shares.indices.map { index in
            let isLast = index == shares.count - 1
            let probability = isLast ? 1 : min(shares[index] / rest, 1)
            let count = BinomialDistribution(trials: left, probability: probability).draw(using: &generator)
            left -= count
            rest -= shares[index]
            return count
        }
    }
}
