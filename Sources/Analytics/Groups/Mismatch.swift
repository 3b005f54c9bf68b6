import Statistics
import Storage

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
