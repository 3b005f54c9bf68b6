import Statistics
import Storage

/// Whether a group's visitors are assigned as its weights have it.
struct Mismatch {
    let now: Evidence
    /// The highest that it has been: what was once so improbable stays so, although later visitors, assigned as declared, may
    /// hide it.
    let highest: Evidence

    /// - Parameters:
    ///   - now: what is counted of the outcomes, in the group's order.
    ///   - earlier: the same at earlier moments.
    init?(_ group: DeclaredGroup, now counts: [GroupCounts], earlier: [[GroupCounts]]) {
        guard let test = SampleRatioTest(weights: group.shares.map(\.weight)),
            let now = test.evidence(counts: counts.map(\.exposed))
        else { return nil }
        self.now = now
        highest = earlier.compactMap { test.evidence(counts: $0.map(\.exposed)) }
            .reduce(now) { $1.logFactor > $0.logFactor ? $1 : $0 }
    }
}
