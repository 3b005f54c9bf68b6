import Analytics
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// What somebody asks the console for.
struct Visit: Sendable {
    let site: String
    private let values: [String: String]
    private let allowed: ReadableSites

    init(_ request: Request, site: String) {
        self.site = site
        // A field of a form that is left empty is none.
        values = Dictionary(FormText.pairs(request.uri.query ?? "").filter { !$0.value.isEmpty }) { first, _ in first }
        allowed = ReadableSites(request)
    }

    subscript(_ name: String) -> String? {
        values[name]
    }

    /// Those of the sites that may be read here.
    func readable(_ sites: [String]) -> [String] {
        sites.filter(allowed.contains)
    }

    /// nil where no rule version is named.
    var ruleQuery: RuleQuery? {
        values["ruleId"].map { ruleID in
            RuleQuery(
                ruleID: ruleID, conversion: values["conversion"], baseline: values["baseline"],
                basis: values["basis"].flatMap(Basis.init) ?? .cohort, from: values["from"], to: values["to"],
                timeZone: values["timeZone"], asOf: values["asOf"])
        }
    }
}

/// The sites that a request may read.
struct ReadableSites: Sendable {
    /// Those that nginx allows; nil where nobody says, which is on the analytics socket itself.
    private let allowed: Set<String>?

    static let all = ReadableSites(allowed: nil)

    private init(allowed: Set<String>?) {
        self.allowed = allowed
    }

    init(_ request: Request) {
        self.init(allowed: request.headers[.ruleOutcomesSites].map { Set($0.split(separator: " ").map(String.init)) })
    }

    func contains(_ site: String) -> Bool {
        allowed?.contains(site) ?? true
    }
}

extension HTTPField.Name {
    /// The sites that nginx lets its visitors read, with spaces between them. Only nginx can set it: it passes on no header of
    /// theirs.
    fileprivate static var ruleOutcomesSites: HTTPField.Name { HTTPField.Name("X-Rule-Outcomes-Sites") ?? .from }
}

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
    /// The day in whose end the result is told as it was then; nil for now.
    var asOf: String?

    /// The part of an address from the question mark on.
    var text: String {
        let parts: [(String, String?)] = [
            ("ruleId", ruleID), ("conversion", conversion), ("baseline", baseline),
            ("basis", basis == .cohort ? nil : basis.rawValue), ("from", from), ("to", to), ("timeZone", timeZone),
            ("asOf", asOf),
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

    func day() throws(ReportFault) -> ReportDay? {
        guard let asOf else { return nil }
        return try ReportDay(asOf)
    }

    /// The day in whose end the report is told; nil where it is of now.
    func day(of report: OutcomesReport) throws(ReportFault) -> ReportDay? {
        guard let day = try day(), report.isAsOf(day) else { return nil }
        return day
    }

    /// The same rule version's group as a drawing. Of what may be chosen, only the day makes another one of it.
    func picture(of group: GroupReport) -> RulePage.Link {
        let query = RuleQuery(ruleID: ruleID, timeZone: timeZone, asOf: asOf)
        return RulePage.Link(
            href: "result.svg\(query.text)&group=\(group.name.percentEncoded)", text: group.name.isolated,
            isCurrent: false)
    }
}
