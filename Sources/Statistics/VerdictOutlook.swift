/// How much longer a running comparison takes to show a difference.
public struct VerdictOutlook: Sendable {
    private let sequence: ConfidenceSequence
    private let now: RateDifference
    private let daily: (outcome: Double, baseline: Double)

    /// - Parameters:
    ///   - daily: how many subjects of each come of age on a day from now on.
    ///   - count: how many comparisons there are, of all outcomes by all conversions.
    ///
    /// nil where one of the two has no subjects, where none come, or for a τ that `ConfidenceSequence` does not allow.
    public init?(
        outcome: Proportion, baseline: Proportion, daily: (outcome: Double, baseline: Double), sharedAmong count: Int,
        level: SignificanceLevel = .fivePercent, tau: Double
    ) {
        guard let sequence = ConfidenceSequence(level.shared(among: count), tau: tau),
            let now = RateDifference(outcome, minus: baseline), daily.outcome > 0, daily.baseline > 0
        else { return nil }
        self.sequence = sequence
        self.now = now
        self.daily = daily
    }

    /// The days from now on by which there is a verdict with each probability, if the true difference is this one; nil where that
    /// is not within `TestPlan.daysMax`.
    public func days(difference: Double, probabilities: [Double]) -> [Int?] {
        let time = time(difference: difference)
        return probabilities.map { time.day(of: $0) }
    }

    func time(difference: Double) -> VerdictTime {
        VerdictTime(
            sequence, difference: difference, now: (now.estimate, 1 / now.variance), firstDay: firstDay,
            daysMax: TestPlan.daysMax, information: { 1 / variance(after: $0) })
    }

    /// When both have the conversions that an interval needs, at the rates that they have.
    private var firstDay: Double {
        let needed = Double(ConfidenceSequence.conversionsNeeded)
        return [(now.outcome, daily.outcome), (now.baseline, daily.baseline)].map { proportion, daily in
            let rate = (Double(proportion.successes) + 0.5) / (Double(proportion.trials) + 1)
            return max(1, ((needed - Double(proportion.successes)) / (rate * daily)).rounded(.up))
        }.max() ?? 1
    }

    /// With as many more subjects, and the same rates.
    private func variance(after days: Double) -> Double {
        Self.variance(now.outcome, days * daily.outcome) + Self.variance(now.baseline, days * daily.baseline)
    }

    private static func variance(_ proportion: Proportion, _ more: Double) -> Double {
        proportion.rateVariance * Double(proportion.trials) / (Double(proportion.trials) + more)
    }
}
