import ForwardProtocol

/// Answers given since the last tally was sent.
struct Tally {
    /// Outcomes come from requests. Reasons of exclusion come from nginx's configuration, and may do so by its mistake.
    private static let kindsMax = 1024
    /// How many kinds there may be before no further outcome is told apart.
    private static let outcomesMax = 512
    /// The same for answers that anybody can have, under any outcome that he makes up. They leave room for the others.
    private static let strangersOutcomesMax = 128

    private var counts: [TallyEntry.Kind: UInt64] = [:]

    mutating func count(_ kind: TallyEntry.Kind, times: UInt64 = 1) {
        if let place = counts.index(forKey: kind) {
            counts.values[place] += times
        } else {
            counts[nearest(to: kind), default: 0] += times
        }
    }

    /// The kind itself where there is room; otherwise that of any outcome, and otherwise one for all.
    private func nearest(to kind: TallyEntry.Kind) -> TallyEntry.Kind {
        let outcomesMax = kind.isVisitors ? Self.outcomesMax : Self.strangersOutcomesMax
        for (kind, max) in [
            (kind, kind.outcome == nil ? Self.kindsMax : outcomesMax), (kind.ofAnyOutcome, Self.kindsMax),
        ]
        where counts[kind] != nil || counts.count < max {
            return kind
        }
        return TallyEntry.Kind(site: "-", status: 0, reason: "other")
    }

    /// What was counted since the last call; nil when that is nothing.
    mutating func take() -> [TallyEntry]? {
        guard !counts.isEmpty else { return nil }
        defer { counts.removeAll(keepingCapacity: true) }
        return counts.map { TallyEntry(kind: $0.key, count: $0.value) }
    }
}
