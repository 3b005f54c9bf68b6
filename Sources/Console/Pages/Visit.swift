import Analytics
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
                timeZone: values["timeZone"])
        }
    }
}

/// The sites that a request may read.
public struct ReadableSites: Sendable {
    /// Those that nginx allows; nil where nobody says, which is on the analytics socket itself.
    private let allowed: Set<String>?

    public static let all = ReadableSites(allowed: nil)

    private init(allowed: Set<String>?) {
        self.allowed = allowed
    }

    public init(_ request: Request) {
        self.init(allowed: request.headers[.ruleOutcomesSites].map { Set($0.split(separator: " ").map(String.init)) })
    }

    public func contains(_ site: String) -> Bool {
        allowed?.contains(site) ?? true
    }
}

extension HTTPField.Name {
    /// The sites that nginx lets its visitors read, with spaces between them. Only nginx can set it: it passes on no header of
    /// theirs.
    static var ruleOutcomesSites: HTTPField.Name { HTTPField.Name("X-Rule-Outcomes-Sites") ?? .from }
}
