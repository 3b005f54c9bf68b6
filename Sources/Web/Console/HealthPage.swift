import Analytics
import FoundationEssentials
import Records

/// How the aggregator and its responders are doing, and what requests of the site were answered.
struct HealthPage {
    struct Sign {
        /// `good` or `bad`.
        let tone: String
        let text: String
        let help: String?
    }

    /// What biases the comparison of a rule's outcomes.
    struct Warning {
        let rule: String
        let href: String
        let text: String
    }

    struct Figure {
        let name: String
        let value: String
        let explanation: String
    }

    let frame: Frame
    let signs: [Sign]
    let warnings: [Warning]
    let figures: [Figure]
    let answers: [AnswerRow]
    let since: String

    /// - Parameters:
    ///   - status: of the process; its counts are since it started.
    ///   - day: what the site's requests were answered in the last 24 hours.
    ///   - groups: of the rules that are declared.
    init(
        frame: Frame, status: StatusReport, day: AnswersReport?,
        groups: [(ruleID: String, name: String?, groups: [GroupReport])], now: Date
    ) {
        self.frame = frame
        warnings = groups.flatMap { ruleID, name, groups in
            let blocked = groups.filter(\.isMismatched).map { group in
                "Group \(group.name) is not compared: visitors are not split as its weights have it."
            }
            return (blocked + groups.flatMap { $0.warnings.map { "\($0)." } }).map {
                Warning(rule: name ?? ruleID, href: "rule" + RuleQuery(ruleID: ruleID).text, text: $0)
            }
        }
        let answered = (day?.buckets ?? []).flatMap(\.answers)
        let total = max(answered.requests, 1)
        let recorded = answered.recorded
        let mistakes = status.mistakes.filter { $0.site.hasBytes(of: frame.site) }.map(Sign.init)
        let found = mistakes + Self.signs(status, answered, isBiased: !warnings.isEmpty)
        signs = found.isEmpty ? [Sign(tone: "good", text: "All is well.", help: nil)] : found
        figures = [
            Self.recorded("Exposures", answered.filter { $0.door == "exposures" || $0.door == "log" }),
            Self.recorded("Conversions", answered.filter { $0.door == "conversions" }),
            Figure(
                name: "Records a second", value: Self.perSecond(recorded),
                explanation: "Both together, on average of the last 24 hours."),
            Figure(
                name: "Backlog", value: status.backlog.grouped,
                explanation: "Commits of the journal that are safe on disk and not in the reports yet, of all sites."),
            Figure(
                name: "Age of the reports", value: "\(Self.seconds(status.foldAgeMilliseconds)) s",
                explanation: "How long the oldest record that is not in them has waited."),
            Figure(
                name: "Responders", value: "\(status.responders.count)",
                explanation: "Processes that answer the site’s requests, and are connected."),
            Figure(
                name: "Rule versions told apart",
                value: Self.use(status, site: frame.site),
                explanation: "Of how many there may be; what comes beyond is counted together."),
        ]
        answers = answered.sorted { $0.count > $1.count }.map { AnswerRow($0, of: total) }
        since = Moment(status.started.text, in: .utc)?.text ?? ""
    }

    private static func signs(
        _ status: StatusReport, _ answers: [AnswersReport.Answers], isBiased: Bool
    ) -> [Sign] {
        let failed = answers.filter { $0.status == 503 }.requests
        let tried = answers.filter { [201, 503].contains($0.status) }.requests
        var signs = status.signs.map { Sign(tone: "bad", text: $0.text, help: $0.help) }
        if tried > 0, Double(failed) / Double(tried) > 0.01 {
            signs.append(
                Sign(
                    tone: "bad",
                    text:
                        "\((Double(failed) / Double(tried)).percent) of the site’s requests were answered 503 in the last "
                        + "24 hours.",
                    help: "The reasons are in the table below; what each means stands in Operations."))
        }
        let refused = answers.filter { $0.isRefused && $0.status != 503 }.requests
        let recorded = answers.recorded
        if refused > 0, Double(refused) / Double(refused + recorded) > 0.1 {
            signs.append(
                Sign(
                    tone: "bad",
                    text:
                        "\((Double(refused) / Double(refused + recorded)).percent) of the site’s requests were refused in the "
                        + "last 24 hours.",
                    help: "What they would have told is missing. The reasons are in the table below."))
        }
        if isBiased {
            signs.append(Sign(tone: "bad", text: "Some comparisons are biased.", help: "Which, and why, stands below."))
        }
        return signs
    }

    /// - Parameter answers: to requests of that kind.
    private static func recorded(_ name: String, _ answers: [AnswersReport.Answers]) -> Figure {
        let recorded = answers.recorded
        let refused = answers.filter(\.isRefused).requests
        return Figure(
            name: "\(name), last 24 hours", value: recorded.grouped,
            explanation: refused == 0
                ? "recorded; none was refused." : "recorded; \(refused.grouped) refused, see below.")
    }

    private static func perSecond(_ count: Int) -> String {
        (Double(count) / 86_400).withDecimals(2)
    }

    private static func seconds(_ milliseconds: Int) -> String {
        (Double(milliseconds) / 1000).withDecimals(1)
    }

    private static func use(_ status: StatusReport, site: String) -> String {
        let rules = status.dimensions.first { $0.site == site }?.rules ?? 0
        return "\(rules.grouped) of \(status.limits.rulesPerSite.grouped)"
    }
}

extension HealthPage.Sign {
    /// Records that have ids or names which are evidently mistakes, and what to look for in the pages that send them.
    fileprivate init(_ mistakes: StatusReport.Mistakes) {
        let (what, help): (String, String) =
            switch mistakes.mistake {
            case "template":
                (
                    "a template that nobody filled in, such as {{\(mistakes.field)}}",
                    "Look for where the template is rendered: this page is not, or by something that does not know the name."
                )
            case "undefined":
                ("“undefined”", "A variable of the page’s script was not set: it has another name, or is set later.")
            case "null":
                ("“null”", "The page’s script had no value for it: it asked for one that there is not, or too early.")
            case "object":
                ("“[object Object]”", "The page’s script sends an object where it means one of its members.")
            default:
                ("nothing but spaces", "The page’s script, or its template, had an empty value for it.")
            }
        let records = mistakes.count == 1 ? "1 record has" : "\(mistakes.count.grouped) records have"
        self.init(
            tone: "bad", text: "\(records) \(what) as \(mistakes.field).",
            help: "\(help) They are counted like any other, since the aggregator was started.")
    }
}

extension [AnswersReport.Answers] {
    /// How many requests were answered so.
    fileprivate var requests: Int { reduce(0) { $0 + $1.count } }
    /// How many of them are on disk.
    fileprivate var recorded: Int { filter { $0.reason == "durable" }.requests }
}

/// How some requests were answered, as the tables of all pages have it.
struct AnswerRow {
    /// What they were about; empty in a table of all of a site's.
    let outcome: String
    let door: String
    let status: String
    let reason: String
    let count: String
    let isRefused: Bool
    /// Of all in the table; empty where the table has none.
    let share: String
    /// What the reason means; nil where it says so itself.
    let meaning: String?

    /// - Parameter total: how many requests were answered in all; nil where no shares are shown.
    init(_ answers: AnswersReport.Answers, outcome: String = "", of total: Int? = nil) {
        self.outcome = outcome
        door = answers.door ?? ""
        status = answers.status == 0 ? "–" : "\(answers.status)"
        reason = answers.reason
        count = answers.count.grouped
        isRefused = answers.isRefused
        share = total.map { (Double(answers.count) / Double($0)).percent } ?? ""
        meaning = Self.meaning(of: answers.reason)
    }

    /// Why requests are refused, for whoever looks after the pages. Operations has the whole list.
    private static let meanings = [
        "durable": "recorded", "tracking-id": "came without the tracking cookie, or with one that is none",
        "no-credential": "came without a session or token",
        "expired": "the token was too old; perhaps a clock is wrong",
        "signature": "the token is not signed with a key of this site", "session": "the session is not valid",
        "origin": "a page of another site called", "json": "the body is not one JSON object",
        "field": "a field is missing, or too long", "content-type": "the body was said to be something else than JSON",
        "method": "was no POST", "off": "analytics is switched off for the site",
        "preflight": "a browser asked beforehand",
        "in-flight": "too many requests at once", "aggregator-away": "the aggregator could not be reached",
        "deadline": "the disk took too long", "journal-full": "the disk is full", "empty": "nothing was shown",
        "nginx": "nginx refused it: over a rate, too long, or no responder to ask",
        "too-many": "over the outcomes that one page may name", "outcomes": "the origin's header is no JSON",
        "set-cookie": "a first view whose cookie the endpoint will not get",
        "set-cookie-unseen": "a first view whose cookie this nginx does not show",
        "dry-run": "a page was tried out; nothing was recorded", "bot": "a crawler or a monitor",
        "prefetch": "a browser fetched ahead what nobody may see", "staff": "one of your own people",
        "no-consent": "the visitor has not agreed",
    ]

    /// What a reason means; nil where it says so itself. One that nginx gives may be any word.
    private static func meaning(of reason: String) -> String? {
        let dryRun = "dry-run:"
        if reason.hasPrefix(dryRun) {
            let rest = String(reason.dropFirst(dryRun.count))
            return "a page was tried out; it would have been: \(meaning(of: rest) ?? rest)"
        }
        let excluded = "excluded:"
        if reason.hasPrefix(excluded) {
            let cause = String(reason.dropFirst(excluded.count))
            return "not counted, as nginx was told: \(meanings[cause] ?? cause)"
        }
        return reason == "excluded" ? "not counted, as nginx was told" : meanings[reason]
    }
}
