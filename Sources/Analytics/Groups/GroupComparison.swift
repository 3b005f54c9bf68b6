import Statistics
import Storage

/// The comparison of a declared group's outcomes, and what may be said of each.
struct GroupComparison {
    private let group: DeclaredGroup
    private let mature: [GroupCounts]
    private let evidence: Evidence?
    private let comparison: Comparison?
    private let baseline: Int?

    /// - Parameter mature: in the group's order, of those whose window has passed.
    init(_ group: DeclaredGroup, mature: [GroupCounts], evidence: Evidence?) {
        self.group = group
        self.mature = mature
        self.evidence = evidence
        baseline = group.shares.firstIndex { $0.outcome == group.baseline }
        let proportions = mature.compactMap { Proportion(successes: $0.converted, trials: $0.exposed) }
        comparison =
            proportions.count == mature.count
            ? baseline.flatMap { Comparison(mature: proportions, baseline: $0, tau: group.tau) } : nil
    }

    /// Nil for the baseline.
    func arm(_ index: Int) -> ArmComparison? {
        comparison?.arms.first { $0.index == index }
    }

    /// The reasons that hold for the whole group come first.
    func verdict(_ index: Int) -> Verdict {
        if evidence?.isAlarm == true {
            return Verdict(
                .cannotBeCompared,
                "the numbers of visitors are not those of the declared weights, so something loses visitors of an outcome"
            )
        }
        if index == baseline { return Verdict(.baseline) }
        guard let arm = arm(index) else { return Verdict(.cannotBeCompared, "the counts contradict each other") }
        guard arm.difference != nil else {
            return Verdict(
                .maturing, "no window of \(group.windowDays) days has passed yet in each of the two outcomes")
        }
        switch arm.conclusion {
        case .better: return Verdict(.better)
        case .worse: return Verdict(.worse)
        case .noDifferenceShownYet: return Verdict(.noDifferenceShownYet)
        case .tooFewConversions(let few):
            return Verdict(
                .noDifferenceShownYet,
                "it takes \(few.needed) conversions in each of the two outcomes, and there are \(few.outcome) here and "
                    + "\(few.baseline) in the baseline")
        }
    }
}
