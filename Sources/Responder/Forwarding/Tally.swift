import ForwardProtocol

/// Answers given since the last tally was sent.
struct Tally {
    /// Reasons of exclusion come from nginx's configuration, and may come from a request by its mistake.
    private static let kindsMax = 1024

    private var counts: [TallyEntry.Kind: UInt64] = [:]

    mutating func count(_ kind: TallyEntry.Kind) {
        let isKnown = counts[kind] != nil || counts.count < Self.kindsMax
        let kind = isKnown ? kind : TallyEntry.Kind(site: "-", status: 0, reason: "other")
        counts[kind, default: 0] += 1
    }

    /// What was counted since the last call; nil when that is nothing.
    mutating func take() -> [TallyEntry]? {
        guard !counts.isEmpty else { return nil }
        defer { counts.removeAll(keepingCapacity: true) }
        return counts.map { TallyEntry(kind: $0.key, count: $0.value) }
    }
}
