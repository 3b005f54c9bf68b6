import Statistics
import Storage

/// The comparison of a declared group's outcomes, and what may be said of each.
struct GroupComparison {
    private let group: DeclaredGroup
    private let exposed: [GroupCounts]
    private let isMismatched: Bool
    private let isMismatchedNow: Bool
    private let comparison: Comparison?
    private let baseline: Int?

    /// - Parameters:
    ///   - exposed: in the group's order, of all since it began.
    ///   - mature: of those whose window has passed.
    ///   - isMismatched: whether visitors are, or ever were, so far from the weights that nothing may be compared.
    ///   - isMismatchedNow: whether they are.
    init(
        _ group: DeclaredGroup, exposed: [GroupCounts], mature: [GroupCounts], isMismatched: Bool,
        isMismatchedNow: Bool = false
    ) {
        self.group = group
        self.exposed = exposed
        self.isMismatched = isMismatched
        self.isMismatchedNow = isMismatchedNow
        baseline = group.shares.firstIndex { $0.outcome == group.baseline }
        let proportions = mature.compactMap { Proportion(successes: $0.converted, trials: $0.exposed) }
        comparison =
            proportions.count == mature.count
            ? baseline.flatMap {
                Comparison(
                    mature: proportions, baseline: $0, conversions: group.conversions.count, tau: group.tau)
            } : nil
    }

    /// Nil for the baseline, and where nothing may be compared.
    func arm(_ index: Int) -> ArmComparison? {
        isMismatched ? nil : comparison?.arms.first { $0.index == index }
    }

    /// The reasons that hold for the whole group come first.
    func verdict(_ index: Int) -> Verdict {
        if isMismatched { return Verdict(.cannotBeCompared, mismatchReason) }
        guard let baseline, index != baseline else { return Verdict(.baseline) }
        guard let arm = arm(index) else {
            return Verdict(.cannotBeCompared, Self.faultReason)
        }
        guard arm.difference != nil else { return Verdict(.maturing, maturingReason(index, baseline)) }
        switch arm.conclusion {
        case .better: return Verdict(.better)
        case .worse: return Verdict(.worse)
        case .noDifferenceShownYet: return Verdict(.noDifferenceShownYet)
        case .tooFewConversions(let few):
            return Verdict(
                .noDifferenceShownYet,
                "too few conversions yet: \(few.outcome) here and \(few.baseline) in the baseline, and each needs "
                    + "\(few.needed)")
        }
    }

    /// What is said of a guardrail, of each outcome in the group's order.
    ///
    /// - Parameter mature: those whose window has passed, with its conversion.
    func verdicts(
        of guardrail: DeclaredGroup.Guardrail, mature: [GroupCounts]
    ) -> [(compared: GuardrailComparison.Arm?, verdict: GuardrailVerdict)] {
        let proportions = mature.compactMap { Proportion(successes: $0.converted, trials: $0.exposed) }
        let comparison =
            proportions.count == mature.count
            ? baseline.flatMap {
                GuardrailComparison(
                    mature: proportions, baseline: $0, margin: guardrail.margin, conversions: group.conversions.count)
            } : nil
        return mature.indices.map { index in
            let arm = isMismatched ? nil : comparison?.arms.first { $0.index == index }
            return (arm, verdict(index, arm))
        }
    }

    private func verdict(_ index: Int, _ compared: GuardrailComparison.Arm?) -> GuardrailVerdict {
        if isMismatched { return GuardrailVerdict(.cannotBeCompared, mismatchReason) }
        guard let baseline, index != baseline else { return GuardrailVerdict(.baseline) }
        guard let compared else { return GuardrailVerdict(.cannotBeCompared, Self.faultReason) }
        switch compared.conclusion {
        case nil: return GuardrailVerdict(.maturing, maturingReason(index, baseline))
        case .holds: return GuardrailVerdict(.holds)
        case .broken: return GuardrailVerdict(.broken)
        case .notShownYet: return GuardrailVerdict(.notShownYet)
        }
    }

    private static let faultReason = "there are more conversions than visitors, which is a fault of this program"

    private var mismatchReason: String {
        let weights = group.shares.map { "\($0.weight)" }.joined(separator: ":")
        let counts = exposed.map { "\($0.exposed)" }.joined(separator: ":")
        let time = isMismatchedNow ? "are" : "were for a time"
        return "visitors \(time) not split as declared (\(weights)): \(counts) came. Some are lost, come twice, or are "
            + "assigned otherwise; find out why, then begin a new group"
    }

    private func maturingReason(_ index: Int, _ baseline: Int) -> String {
        guard exposed[index].exposed > 0, exposed[baseline].exposed > 0 else {
            return "no visitor has been seen yet in this outcome or in the baseline"
        }
        return "the first visitors of this outcome or of the baseline have not had their \(group.windowDays) days yet"
    }
}

/// Whether a group's visitors are assigned as its weights have it.
struct Mismatch {
    let now: Evidence
    /// The highest that it has been at the end of a day, or now: what was once so improbable stays so, although later visitors, assigned as declared, may
    /// hide it.
    let highest: Evidence

    /// - Parameters:
    ///   - now: what is counted of the outcomes, in the group's order.
    ///   - days: how many came on each day since it began.
    init?(_ group: DeclaredGroup, now counts: [GroupCounts], days: [GroupDay]) {
        guard let test = SampleRatioTest(weights: group.shares.map(\.weight)),
            let now = test.evidence(counts: counts.map(\.exposed))
        else { return nil }
        self.now = now
        var sums = group.shares.map { _ in 0 }
        highest = days.reduce(now) { highest, day in
            sums = zip(sums, day.exposed).map { $0 + $1 }
            guard let evidence = test.evidence(counts: sums) else { return highest }
            return evidence.logFactor > highest.logFactor ? evidence : highest
        }
    }
}
