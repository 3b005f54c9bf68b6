import Storage

/// The ranges of time that a rule version's report is made of, all of them read at once.
struct RuleRanges {
    struct Counts {
        let whole: [OutcomeCounts]
        let maturing: [[OutcomeCounts]]
        let groups: [(exposed: [OutcomeCounts], mature: [OutcomeCounts])]
    }

    private let whole: Range<Quarter>
    private let maturing: [Range<Quarter>]
    private let groups: [(exposed: Range<Quarter>, mature: Range<Quarter>)]

    /// - Parameter whole: what is reported of outcomes. Groups are, from when they began.
    init(_ terms: RuleTerms, whole: Range<Quarter>, asOf: Quarter) {
        self.whole = whole
        maturing = Maturity.maturing(under: terms.windows, asOf: asOf).map { $0.clamped(to: whole) }
        groups = terms.groups.map { (Maturity.whole(of: $0), Maturity.mature(since: $0, asOf: asOf)) }
    }

    var all: [Range<Quarter>] {
        [whole] + maturing + groups.flatMap { [$0.exposed, $0.mature] }
    }

    /// What was counted in each range of `all`, in its order, by what the range is for.
    func assign(_ counts: [[OutcomeCounts]]) -> Counts {
        let ofGroups = Array(counts.dropFirst(1 + maturing.count))
        return Counts(
            whole: counts.first ?? [], maturing: Array(counts.dropFirst().prefix(maturing.count)),
            groups: groups.indices.map { (ofGroups[2 * $0], ofGroups[2 * $0 + 1]) })
    }
}
