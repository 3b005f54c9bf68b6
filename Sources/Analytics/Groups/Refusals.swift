import Records
import Statistics
import Storage

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
