import Records
import Statistics
import Storage

/// What makes a group's comparison less worth than it looks, and does not forbid it.
struct GroupWarnings {
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
        guard exposed > 0, Double(crossed) / Double(exposed) > GroupReport.crossedShareMax else { return nil }
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

/// How many of the requests about a group's outcomes were lost, which are those that could have been a visitor's, and whether
/// that differs between outcomes.
struct Refusals {
    /// In the group's order, over all doors.
    let ofArms: [Proportion]
    /// How much the counts speak for a difference.
    let evidence: Evidence

    /// - Parameter answers: of all requests about the rule version's outcomes since the group began.
    init(_ group: DeclaredGroup, answers: [AnswerCounts]) {
        let tallies = group.shares.map { share in answers.filter { $0.outcome == share.outcome } }
        ofArms = tallies.map { Self.proportion($0) }
        // Each door is a test of its own: exposures that are missing bias a rate one way, conversions the other. All of them are
        // averaged at any time, used or not: weights that follow the data would void the promise.
        evidence = Evidence.mean(
            Door.allCases.map { door in
                RefusalTest.evidence(tallies.map { Self.proportion($0.filter { $0.kind.door == door }) })
            })
    }

    private static func proportion(_ answers: [AnswerCounts]) -> Proportion {
        let refused = answers.filter(\.kind.isLoss).reduce(0) { $0 + $1.count }
        let recorded = answers.filter(\.kind.isRecording).reduce(0) { $0 + $1.count }
        // A sum of counts is never negative.
        return Proportion(successes: refused, trials: refused + recorded) ?? .none
    }
}

extension AnswerKind {
    /// Whether what was asked for is recorded.
    var isRecording: Bool { VisitorsAnswer.isRecorded(reason: reason) }

    /// Whether a visitor's record was lost, as far as anybody can know.
    var isLoss: Bool { VisitorsAnswer.isLost(door: door, status: status, reason: reason) }

    /// Whether what should have been recorded is not: a 4xx or 5xx, or a line of nginx's log that was passed over. What nginx
    /// excludes is not refused.
    var isRefusal: Bool {
        status >= 400 || (door == .log && !isRecording && reason != "empty" && !reason.hasPrefix("excluded:"))
    }
}

/// How many requests to a site nginx refused by itself since a group began, as too many or too large or for want of a
/// responder.
///
/// nginx does not know what they were about, so no test can tell whether outcomes differ in them: their share is told as it is.
struct NginxRefusals {
    /// The share from which on it is told.
    private static let shareMax = 0.01
    /// What the responder counts them under. Those of visitors who are not counted anyway have another.
    private static let reason = "nginx"

    private let shares: [(name: String, share: Proportion)]

    /// - Parameter answers: to all requests to the site since the group began.
    init(answers: [AnswerCounts]) {
        shares = [(Door.exposures, "exposures"), (.conversions, "conversions")].map { door, name in
            let kinds = answers.filter { $0.kind.door == door }
            let refused = kinds.filter { $0.kind.reason == Self.reason }.reduce(0) { $0 + $1.count }
            let recorded = kinds.filter(\.kind.isRecording).reduce(0) { $0 + $1.count }
            // A sum of counts is never negative.
            return (name, Proportion(successes: refused, trials: refused + recorded) ?? .none)
        }
    }

    /// Nil where there are few.
    var warning: String? {
        let told = shares.filter { ($0.share.rate ?? 0) > Self.shareMax }.map { name, share in
            "\(share.successes) of \(share.trials) \(name) (\(GroupWarnings.percentage(share.successes, of: share.trials)))"
        }
        guard !told.isEmpty else { return nil }
        return
            "nginx refused \(told.joined(separator: " and ")) that the site was sent since the group began. Which outcomes they "
            + "were about is not known, so rates may be too low or too high, and not alike. "
            + "Answers by status tell why: 429 is its rates, 503 no responder or too many at once, 413 a long body. "
            + "(These are requests, and not all need be visitors')"
    }
}
