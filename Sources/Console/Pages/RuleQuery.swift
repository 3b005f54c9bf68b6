import Analytics
import Foundation

/// What a page of one rule version shows. All of it stands in the address, so that a view can be shared.
struct RuleQuery: Equatable {
    var ruleID: String
    /// nil: the primary one of the first group, or the most frequent.
    var conversion: String?
    /// nil: none.
    var baseline: String?
    var basis = Basis.cohort
    /// As `ReportPeriod` reads them; nil where it is open.
    var from: String?
    var to: String?
    /// nil: UTC.
    var timeZone: String?

    /// The part of an address from the question mark on.
    var text: String {
        let parts: [(String, String?)] = [
            ("ruleId", ruleID), ("conversion", conversion), ("baseline", baseline),
            ("basis", basis == .cohort ? nil : basis.rawValue), ("from", from), ("to", to), ("timeZone", timeZone),
        ]
        return "?"
            + parts.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }.joined(separator: "&")
    }

    /// What the analytics are asked for the same time: `&from=…`.
    var timeText: String {
        [("from", from), ("to", to), ("timeZone", timeZone)]
            .compactMap { name, value in value.map { "&\(name)=\($0.percentEncoded)" } }.joined()
    }

    func with(_ change: (inout RuleQuery) -> Void) -> RuleQuery {
        var query = self
        change(&query)
        return query
    }

    func period() throws(ReportFault) -> ReportPeriod {
        try ReportPeriod(from: from, to: to, timeZone: timeZone)
    }
}
