import Glibc

/// When the always-valid interval of a difference leaves 0 out, if the difference is of some size: the probability that it has by
/// each day.
///
/// With subjects coming day by day, the estimate times its information I = 1/V is nearly a Brownian motion at the times I, whose
/// drift is the difference (Jennison, Turnbull, Group Sequential Methods with Applications to Clinical Trials, 2000, chapter 3).
/// There is a verdict once its distance from 0 is more than the interval's radius times I. The probability is found by carrying
/// the density of what has no verdict yet from look to look (Armitage, McPherson, Rowe, Repeated significance tests on
/// accumulating data, Journal of the Royal Statistical Society A 132 (1969), 235–244).
struct VerdictTime {
    /// Looks are a thirtieth of the time apart that has gone by from now on, and a day at least: more of them would change little.
    private static let looksPerTime = 30.0
    /// How finely the density is known, in parts of the standard deviation that it changes by from look to look.
    private static let pointsPerDeviation = 6.0
    /// Beyond so many standard deviations nothing is carried.
    private static let deviationsMax = 8.0

    /// Days from now on, and the probability that there has been a verdict by then.
    private(set) var course: [(day: Double, probability: Double)] = []
    /// The most places that the density has been known at, which is what it costs.
    private(set) var placesMax = 0

    /// - Parameters:
    ///   - difference: the true one.
    ///   - now: the difference and the information that there are already; nil where nobody has come yet.
    ///   - firstDay: before it there is no interval.
    ///   - information: 1/V after so many days.
    init(
        _ sequence: ConfidenceSequence, difference: Double, now: (estimate: Double, information: Double)? = nil,
        firstDay: Double = 1, daysMax: Double, information: (Double) -> Double
    ) {
        var density = Density(now.map { ($0.estimate * $0.information, $0.information) } ?? (0, 0))
        var day = max(firstDay, 1)
        while day <= daysMax {
            let time = information(day)
            guard time > density.time else { break }
            density.advance(to: time, drift: difference, bound: sequence.radius(variance: 1 / time) * time)
            course.append((day, 1 - density.mass))
            placesMax = max(placesMax, density.count)
            if density.mass < 0.01 || day == daysMax { break }
            day = min(day + max(1, (day / Self.looksPerTime).rounded(.down)), daysMax)
        }
    }

    /// The first day by which the probability is so high; nil where it is not until the last.
    func day(of probability: Double) -> Int? {
        guard let index = course.firstIndex(where: { $0.probability >= probability }) else { return nil }
        let (day, reached) = course[index]
        guard index > 0 else { return Int(day.rounded(.up)) }
        let (before, less) = course[index - 1]
        return Int((before + (day - before) * (probability - less) / (reached - less)).rounded(.up))
    }

    /// Of where the motion stands that has not left its bounds yet.
    private struct Density {
        /// At equal distances; a single one where it is known.
        private var places: [Double]
        /// The probability that belongs to each.
        private var weights: [Double] = [1]
        private(set) var time: Double
        private let start: (place: Double, time: Double)

        init(_ start: (place: Double, time: Double)) {
            self.start = start
            places = [start.place]
            time = start.time
        }

        var count: Int { places.count }

        var mass: Double { min(weights.reduce(0, +), 1) }

        /// What is farther from 0 than `bound` then has left.
        mutating func advance(to time: Double, drift: Double, bound: Double) {
            let deviation = (time - self.time).squareRoot()
            let shift = drift * (time - self.time)
            defer { self.time = time }
            // Where the bounds are far apart the motion is nowhere near them.
            let (middle, spread) = (
                start.place + drift * (time - start.time), VerdictTime.deviationsMax * (time - start.time).squareRoot()
            )
            let (low, high) = (max(-bound, middle - spread), min(bound, middle + spread))
            guard low < high else {
                (places, weights) = ([low], [0])
                return
            }
            let count = max(3, Int(((high - low) / deviation * pointsPerDeviation).rounded(.up)))
            let step = (high - low) / Double(count - 1)
            let factor = step / (deviation * (2 * Double.pi).squareRoot())
            let reach = deviationsMax * deviation
            // The bell at places that are equally far apart: each is the one before times a ratio, and so is each ratio.
            let distance = places.count > 1 ? (places[1] - places[0]) / deviation : 0
            let ratioOfRatios = exp(-distance * distance)
            var first = 0
            var next = [Double](repeating: 0, count: count)
            for index in 0..<count {
                let middle = low + Double(index) * step - shift
                while first < places.count, places[first] < middle - reach { first += 1 }
                guard first < places.count else { break }
                let farthest = (places[first] - middle) / deviation
                var bell = exp(-farthest * farthest / 2)
                var ratio = exp(-distance * (farthest + distance / 2))
                var (sum, from) = (0.0, first)
                while from < places.count, places[from] <= middle + reach {
                    sum += weights[from] * bell
                    bell *= ratio
                    ratio *= ratioOfRatios
                    from += 1
                }
                next[index] = sum * factor * (index == 0 || index == count - 1 ? 0.5 : 1)
            }
            places = (0..<count).map { low + Double($0) * step }
            weights = next
        }
    }
}

/// A test that has not begun: how long it takes to show a difference.
public struct TestPlan: Sendable, Equatable {
    /// Beyond three years nobody waits.
    public static let daysMax = 1000.0

    public let baselineRate: Double
    /// Subjects of all outcomes together on a day.
    public let subjectsDaily: Double
    /// Of the baseline, then of the others. The verdict on the one with the fewest subjects is what is planned.
    public let weights: [Int]
    public let level: SignificanceLevel

    /// nil where nothing can be planned: a rate that is not between 0 and 1, nobody who comes, fewer than two outcomes, or a weight
    /// below 1.
    public init?(
        baselineRate: Double, subjectsDaily: Double, weights: [Int], level: SignificanceLevel = .fivePercent
    ) {
        guard baselineRate > 0, baselineRate < 1, subjectsDaily > 0, subjectsDaily.isFinite, weights.count >= 2,
            weights.allSatisfy({ $0 >= 1 })
        else { return nil }
        self.baselineRate = baselineRate
        self.subjectsDaily = subjectsDaily
        self.weights = weights
        self.level = level
    }

    /// How many days' subjects, all of whose windows have passed, it takes until there is a verdict with each probability, if the
    /// outcome's rate is higher by `difference`; nil where that is more than `daysMax`, or no rate.
    public func days(difference: Double, tau: Double, probabilities: [Double]) -> [Int?] {
        let time = verdictTime(difference: difference, tau: tau)
        return probabilities.map { time?.day(of: $0) }
    }

    /// The τ by which a difference of this size is shown the soonest, with two digits.
    ///
    /// With the size τ alone, the radius is a difference's size where δ²/V = (1 + 1/x) (2 ln(1/α) + ln(1 + x)), with x = τ²/V. That is
    /// the least, and so V the greatest, where x = 2 ln(1/α) + ln(1 + x); then it is x + 1, and τ = δ √(x / (x + 1)). With all sizes of
    /// ``ConfidenceSequence`` V is greatest about a hundredth away, and there by less than a ten-thousandth.
    public func tau(for difference: Double) -> Double {
        let evidence = 2 * log(1 / level.shared(among: weights.count - 1).value)
        let x = (0..<50).reduce(evidence) { x, _ in evidence + log1p(x) }
        let best = abs(difference) * (x / (x + 1)).squareRoot()
        guard best > 0 else { return ConfidenceSequence.defaultTau }
        let unit = pow(10, floor(log10(best)) - 1)
        let allowed = ConfidenceSequence.allowedTau
        return min(max((best / unit).rounded() * unit, allowed.lowerBound), allowed.upperBound)
    }

    func verdictTime(difference: Double, tau: Double) -> VerdictTime? {
        guard let sequence = sequence(tau), let variance = dailyVariance(difference) else { return nil }
        // On the average, so many conversions are there by then.
        let rarer =
            [(outcomeShare, baselineRate + difference), (baselineShare, baselineRate)]
            .map { $0 * subjectsDaily * $1 }.min() ?? 0
        let firstDay = (Double(ConfidenceSequence.conversionsNeeded) / rarer).rounded(.up)
        return VerdictTime(
            sequence, difference: difference, firstDay: firstDay, daysMax: Self.daysMax, information: { $0 / variance })
    }

    private func sequence(_ tau: Double) -> ConfidenceSequence? {
        ConfidenceSequence(level.shared(among: weights.count - 1), tau: tau)
    }

    /// V of one day's subjects; nil where the outcome would have no rate.
    private func dailyVariance(_ difference: Double) -> Double? {
        let rate = baselineRate + difference
        guard rate > 0, rate < 1 else { return nil }
        return rate * (1 - rate) / (outcomeShare * subjectsDaily)
            + baselineRate * (1 - baselineRate) / (baselineShare * subjectsDaily)
    }

    private var baselineShare: Double { Double(weights[0]) / Double(weights.reduce(0, +)) }

    private var outcomeShare: Double {
        Double(weights.dropFirst().min() ?? 1) / Double(weights.reduce(0, +))
    }
}
