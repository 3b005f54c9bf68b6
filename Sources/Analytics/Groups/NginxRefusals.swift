import Records
import Statistics
import Storage

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
