import Storage

/// What makes a group's comparison less worth than it looks, and does not forbid it.
struct GroupWarnings {
    /// The share of visitors who met several outcomes from which on it is told.
    private static let crossedShareMax = 0.01

    let sentences: [String]

    /// - Parameters:
    ///   - counts: in the group's order, since it began.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    init(_ period: GroupPeriod, counts: [GroupCounts], refusals: Refusals, epochs: [Int64]) {
        sentences = [
            Self.crossed(counts), Self.refused(period.group, refusals), Self.newSecret(period, epochs),
        ].compactMap { $0 }
    }

    private static func crossed(_ counts: [GroupCounts]) -> String? {
        let exposed = counts.reduce(0) { $0 + $1.exposed }
        let crossed = counts.reduce(0) { $0 + $1.crossed }
        guard exposed > 0, Double(crossed) / Double(exposed) > crossedShareMax else { return nil }
        return
            "\(crossed) of \(exposed) visitors met more than one of the outcomes; each counts under the first one, which "
            + "makes outcomes look more alike than they are"
    }

    private static func refused(_ group: DeclaredGroup, _ refusals: Refusals) -> String? {
        guard refusals.evidence.isAlarm else { return nil }
        let shares = zip(group.shares, refusals.ofArms).map { share, proportion in
            "\(proportion.successes) of \(proportion.trials) under \(share.outcome)"
        }
        return
            "requests are refused more often under one outcome than under another (\(shares.joined(separator: ", "))), so "
            + "that conversions or exposures may be missing from it; find out why (answers by status and reason) "
            + "before you believe the rates. Requests are counted here, and those of one visitor who tries again and "
            + "again are many"
    }

    private static func newSecret(_ period: GroupPeriod, _ epochs: [Int64]) -> String? {
        guard epochs.dropFirst().contains(where: { $0 > period.start.startMilliseconds }) else { return nil }
        return "the subject secret was changed after the group began, so that visitors from before count again, "
            + "and may do so under another outcome"
    }
}
