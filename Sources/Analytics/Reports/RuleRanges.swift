import Storage

/// The ranges of time that a rule version's report is made of, all of them read at once.
struct RuleRanges {
    struct Counts {
        let whole: [OutcomeCounts]
        let maturing: [[OutcomeCounts]]
        let groups: [Group]
        /// Whether the rule version has exposures at all, at any time.
        let hasExposures: Bool
    }

    struct Group {
        /// Since it began.
        let exposed: [OutcomeCounts]
        /// Those whose window has passed.
        let mature: [OutcomeCounts]
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
        [.all, whole] + maturing + groups.flatMap { [$0.exposed, $0.mature] }
    }

    /// What was counted in each range of `all`, in its order, by what the range is for.
    func assign(_ counts: [[OutcomeCounts]]) -> Counts {
        var rest = counts[...]
        let (allTime, whole) = (rest.popFirst() ?? [], rest.popFirst() ?? [])
        let maturing = Array(rest.prefix(maturing.count))
        rest = rest.dropFirst(maturing.count)
        return Counts(
            whole: whole, maturing: maturing,
            groups: groups.map { _ in Group(exposed: rest.popFirst() ?? [], mature: rest.popFirst() ?? []) },
            hasExposures: allTime.contains { $0.exposures > 0 })
    }
}
