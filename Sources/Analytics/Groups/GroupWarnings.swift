import Storage

/// What makes a group's comparison less worth than it looks, and does not forbid it.
struct GroupWarnings {
    /// The share of visitors who met several outcomes from which on it is told.
    private static let crossedShareMax = 0.01

    let sentences: [String]

    /// - Parameters:
    ///   - counts: in the group's order, since it began.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    ///   - name: what people call an outcome.
    init(
        _ period: GroupPeriod, counts: [GroupCounts], refusals: Refusals, byNginx: NginxRefusals, epochs: [Int64],
        name: (String) -> String?
    ) {
        sentences = [
            Self.crossed(counts), Self.refused(period.group, refusals, name), byNginx.warning,
            Self.newSecret(period, epochs),
        ].compactMap { $0 }
    }

    private static func crossed(_ counts: [GroupCounts]) -> String? {
        let exposed = counts.reduce(0) { $0 + $1.exposed }
        let crossed = counts.reduce(0) { $0 + $1.crossed }
        guard exposed > 0, Double(crossed) / Double(exposed) > crossedShareMax else { return nil }
        let share = percentage(crossed, of: exposed)
        return
            "\(crossed) of \(exposed) visitors (\(share)) met more than one of the outcomes. Each counts under the first. "
            + "This usually hides part of a difference; see to it that a visitor always gets the same outcome"
    }

    private static func refused(
        _ group: DeclaredGroup, _ refusals: Refusals, _ name: (String) -> String?
    ) -> String? {
        guard refusals.evidence.isAlarm else { return nil }
        let shares = zip(group.shares, refusals.ofArms).map { share, requests in
            let outcome = share.outcome.description
            let refused = percentage(requests.successes, of: requests.trials)
            return "\(requests.successes) of \(requests.trials) (\(refused)) under \(name(outcome) ?? outcome)"
        }
        return "requests are refused more often under one outcome than under another: "
            + "\(shares.joined(separator: ", ")). What was refused is not counted, so its rate may be too low or too high. "
            + "Answers by status and reason tell why. (These are requests: one visitor who tries again makes many)"
    }

    private static func newSecret(_ period: GroupPeriod, _ epochs: [Int64]) -> String? {
        guard epochs.dropFirst().contains(where: { $0 > period.start.startMilliseconds }) else { return nil }
        return "the subject secret was changed after the group began, so that visitors from before count again, "
            + "and may do so under another outcome; begin the group anew"
    }

    static func percentage(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "none" }
        return "\((Double(part) / Double(whole) * 1000).rounded() / 10) %"
    }
}
