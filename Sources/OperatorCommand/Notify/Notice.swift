import Analytics
import ConfigurationFile
import Cryptography
import FoundationEssentials

/// Something about a test that people want to be told of, once.
struct Notice: Codable, Sendable, Equatable {
    enum Kind: String, Codable, Sendable, CaseIterable {
        /// An outcome is better or worse than the baseline.
        case verdict
        /// Visitors are not split as declared, so nothing is compared any more.
        case mismatch
        /// A conversion is lower by more than it may be.
        case guardrailBroken = "guardrail-broken"
        /// A test that runs gets no records, or never got one.
        case noData = "no-data"
        /// Nothing: somebody tries whether notices arrive.
        case test
    }

    /// What it is about. What does not apply is left out.
    struct Facts: Codable, Sendable, Equatable {
        var site: String?
        var ruleId: String?
        var ruleName: String?
        var group: String?
        var outcomeId: String?
        var outcomeName: String?
        /// What the outcome is held against.
        var baseline: String?
        var conversion: String?
        var windowDays: Int?
        /// `better`, `worse` or `broken`.
        var verdict: String?
        /// Visitors whose window has passed, and those of them that did the conversion.
        var mature: Int?
        var converted: Int?
        /// Of rates: 0.01 is one percentage point.
        var difference: Double?
        var differenceAlwaysValid: Bounds?
        var margin: Double?
        /// Moments as RFC 3339 has them, in UTC.
        var groupStart: String?
        var lastEvent: String?
        var asOf: String?
        /// The page with the figures.
        var link: String?
    }

    /// The same for the same thing, whenever it is told: 32 hexadecimal digits.
    let id: String
    let kind: Kind
    /// One line.
    let text: String
    let facts: Facts

    /// - Parameter identity: what makes it another notice than others of its kind.
    init(_ kind: Kind, identity: [String], text: String, facts: Facts) {
        // Each with its length in front, so that no two lists have the same bytes.
        let bytes = ([kind.rawValue] + identity).flatMap { "\($0.utf8.count):\($0)".utf8 }
        id = SHA256.hash(of: bytes).hex(bytes: 16)
        self.kind = kind
        self.text = text
        self.facts = facts
    }

    static func test(console: HTTPSURL?) -> Notice {
        let text = "This is a test: notices of rule-outcomes arrive here."
        return Notice(.test, identity: [], text: text, facts: Facts(link: console?.text))
    }
}

extension Notice {
    /// What is sent, in one line of JSON.
    private struct Message: Encodable {
        let type: String
        let id: String
        let timestamp: String
        let text: String
        let data: Facts
    }

    /// `{"type":…,"id":…,"timestamp":…,"text":…,"data":{…}}` in one line.
    ///
    /// - Parameter moment: when it is sent, as RFC 3339 has it.
    func message(at moment: String) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let message = Message(type: kind.rawValue, id: id, timestamp: moment, text: text, data: facts)
        return Array(try encoder.encode(message))
    }
}

// What there is to be told of a test, as its report has it. Verdicts may be looked at always, so none of these is a look too
// many: see docs/statistics.md.
extension Notice {
    /// - Parameters:
    ///   - lastEvent: of the rule version.
    ///   - configuration: how long a test may be without records, and where its page is.
    static func all(
        of report: OutcomesReport, lastEvent: Timestamp, _ configuration: NotifyConfiguration
    ) -> [Notice] {
        let rule = NoticedRule(report, console: configuration.console)
        let silence = rule.silence(since: lastEvent, hoursMax: configuration.quietHours)
        return report.groups.flatMap(rule.notices) + (report.groups.isEmpty ? [] : [silence].compactMap { $0 })
    }

    /// Of a test that is declared and has no record. To be told once that has been so for `quietHours`.
    static func unseen(_ rule: RulesReport.Declared, site: String, _ configuration: NotifyConfiguration) -> Notice {
        NoticedRule(rule, site: site, console: configuration.console).unseen(hours: configuration.quietHours)
    }
}

/// A rule version whose groups are looked at.
private struct NoticedRule {
    private let site: String
    private let id: String
    private let name: String?
    /// nil without a report.
    private let asOf: Timestamp?
    /// When the first of its groups was declared, in milliseconds since 1970, UTC; nil without one, or a report.
    private let declared: Int64?
    private let link: String?

    init(_ report: OutcomesReport, console: HTTPSURL?) {
        site = report.site
        id = report.ruleId
        name = report.ruleName
        asOf = report.asOf
        declared = report.groups.map(\.start).compactMap { CivilTime.milliseconds($0.text) }.min()
        link = console?.page("rule?ruleId=\(report.ruleId.percentEncoded)", ofSite: report.site)
    }

    init(_ rule: RulesReport.Declared, site: String, console: HTTPSURL?) {
        self.site = site
        id = rule.ruleId
        name = rule.name
        asOf = nil
        declared = nil
        link = console?.page("rules?tab=unseen", ofSite: site)
    }

    func notices(of group: GroupReport) -> [Notice] {
        // Nothing is compared then, so there is nothing else to tell.
        if group.isMismatched { return [mismatch(of: group)] }
        return group.arms.compactMap { verdict(of: $0, group) }
            + group.arms.flatMap { arm in arm.guardrails.compactMap { broken($0, arm, group) } }
    }

    private func mismatch(of group: GroupReport) -> Notice {
        let text =
            "group \(group.name) is broken: visitors are not split as declared, so its outcomes are not compared any more. "
            + "Look for what keeps visitors of one outcome from being recorded."
        return notice(.mismatch, group, text, facts(of: group))
    }

    private func verdict(of arm: GroupReport.Arm, _ group: GroupReport) -> Notice? {
        guard [.better, .worse].contains(arm.verdict.word), let difference = arm.difference,
            let bounds = arm.differenceAlwaysValid
        else { return nil }
        let text =
            "\(arm.shown) is \(arm.verdict.word.rawValue) than \(baseline(of: group)) by \(group.conversion.escapedForTerminal): "
            + "\(difference.points) percentage points (\(bounds.low.points) to \(bounds.high.points), however often one looks), "
            + "\(arm.mature) visitors compared."
        let word = arm.verdict.word.rawValue
        let facts = facts(
            of: group, arm, conversion: group.conversion, word, converted: arm.converted, difference, bounds)
        return notice(.verdict, group, text, facts, [arm.outcomeId, word])
    }

    private func broken(
        _ guardrail: GroupReport.Guardrail, _ arm: GroupReport.Arm, _ group: GroupReport
    ) -> Notice? {
        guard guardrail.verdict.word == .broken, let difference = guardrail.difference,
            let bounds = guardrail.differenceAlwaysValid
        else { return nil }
        let text =
            "\(arm.shown) breaks the guardrail \(guardrail.conversion.escapedForTerminal): \(difference.points) percentage points "
            + "beside \(baseline(of: group)) (\(bounds.low.points) to \(bounds.high.points), however often one looks), "
            + "where \((-guardrail.margin).points) would be allowed."
        var facts = facts(
            of: group, arm, conversion: guardrail.conversion, guardrail.verdict.word.rawValue,
            converted: guardrail.converted, difference, bounds)
        facts.margin = guardrail.margin
        return notice(.guardrailBroken, group, text, facts, [arm.outcomeId, guardrail.conversion])
    }

    /// Nil while there are records. How long there are none is measured from the declaration, where that is later than the last
    /// record, to the moment up to which all records are counted, so that a backlog is no silence.
    func silence(since lastEvent: Timestamp, hoursMax: Int) -> Notice? {
        guard let last = CivilTime.milliseconds(lastEvent.text), let declared,
            let now = asOf.flatMap({ CivilTime.milliseconds($0.text) }),
            now - max(last, declared) >= Int64(hoursMax) * 3_600_000
        else { return nil }
        let text =
            "no record since \(lastEvent.brief) (UTC), though it is being tested. Is the rule still published, and does the page "
            + "still send? If the test is over, say so in rules.yaml: `decision` and `decided`."
        var facts = facts()
        facts.lastEvent = lastEvent.text
        let since = Timestamp(milliseconds: max(last, declared))
        return notice(.noData, identity: [since.text], text, facts)
    }

    func unseen(hours: Int) -> Notice {
        let text =
            "no record of it is counted, nor was \(hours) hours ago, though it is declared as a test. Is the rule published, and do its "
            + "pages send this very id? If it is to begin later, nothing is wrong, and this is not told again."
        return notice(.noData, identity: ["unseen"], text, facts())
    }

    private func notice(
        _ kind: Notice.Kind, _ group: GroupReport, _ text: String, _ facts: Notice.Facts, _ identity: [String] = []
    ) -> Notice {
        // A group that is declared anew begins anew, and so does what is told of it.
        notice(kind, identity: [group.name, group.start.text] + identity, text, facts)
    }

    private func notice(
        _ kind: Notice.Kind, identity: [String], _ text: String, _ facts: Notice.Facts
    ) -> Notice {
        let line = "\(title): \(text)" + (link.map { " \($0)" } ?? "")
        return Notice(kind, identity: [site, id] + identity, text: line, facts: facts)
    }

    /// Whoever has one site only need not read its name.
    private var title: String {
        let rule = (name ?? id).shownInNotice
        return site == "default" ? rule : "\(site): \(rule)"
    }

    private func facts() -> Notice.Facts {
        Notice.Facts(site: site, ruleId: id, ruleName: name, asOf: asOf?.text, link: link)
    }

    private func facts(of group: GroupReport) -> Notice.Facts {
        var facts = facts()
        facts.group = group.name
        facts.groupStart = group.start.text
        facts.windowDays = group.windowDays
        return facts
    }

    private func facts(
        of group: GroupReport, _ arm: GroupReport.Arm, conversion: String, _ verdict: String, converted: Int,
        _ difference: Double, _ bounds: Bounds
    ) -> Notice.Facts {
        var facts = facts(of: group)
        facts.outcomeId = arm.outcomeId
        facts.outcomeName = arm.outcomeName
        facts.baseline = group.baseline
        facts.mature = arm.mature
        facts.conversion = conversion
        facts.verdict = verdict
        facts.converted = converted
        facts.difference = difference
        facts.differenceAlwaysValid = bounds
        return facts
    }

    private func baseline(of group: GroupReport) -> String {
        group.arms.first { $0.verdict.word == .baseline }?.shown ?? group.baseline.shownInNotice
    }
}

extension HTTPSURL {
    /// Where this is the console's.
    fileprivate func page(_ page: String, ofSite site: String) -> String {
        "\(text)\(text.hasSuffix("/") ? "" : "/")\(site.percentEncoded)/\(page)"
    }
}

extension GroupReport.Arm {
    fileprivate var shown: String { (outcomeName ?? outcomeId).shownInNotice }
}

extension String {
    /// In quotes, and in one line: it may come from any page.
    fileprivate var shownInNotice: String { "\u{201C}\(escapedForTerminal.shortened(columnsMax: 80))\u{201D}" }
}
