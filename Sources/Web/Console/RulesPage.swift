import Analytics
import FoundationEssentials

/// The rule versions of a site, the latest active first.
struct RulesPage {
    static let rowsPerPage = 25
    /// How many days a sparkline has.
    static let sparklineDays = 28

    /// What is looked up of each rule version that is shown.
    struct Glance {
        static let none = Glance(events: [], groups: [])

        /// Exposures and conversions of each day, the latest one last.
        let events: [Int]
        let groups: [GroupReport]
    }

    struct Row {
        let name: String
        /// The id, where the rule has a name of its own.
        let id: String?
        /// nil for all those together that have no name.
        let href: String?
        let lastSeen: String
        let lastSeenExact: String
        /// As a program reads it.
        let lastSeenTime: String
        let exposures: String
        let conversions: String
        let outcomes: String
        let sparkline: String?
        let sparklineText: String
        /// What the comparison of each declared group says.
        let results: [RulePage.Headline]
    }

    let frame: Frame
    let search: String
    let rows: [Row]
    /// `3 rule versions`, `12 of 40 rule versions have “paywall” in name or id`.
    let summary: String
    let isEmpty: Bool
    let isNothingFound: Bool
    let previous: String?
    let next: String?

    /// - Parameters:
    ///   - total: how many are shown, all pages of them, and without a search; `hidden`, how many are not.
    ///   - found: what the search left, all pages of it.
    ///   - page: from 0.
    ///   - glances: one for each row of this page.
    init(
        frame: Frame, total: Int, hidden: Int, found: [RulesReport.Rule], search: String, page: Int,
        glances: [Glance], now: Date
    ) {
        self.frame = frame
        self.search = search
        let first = page * Self.rowsPerPage
        rows = zip(found.dropFirst(first).prefix(Self.rowsPerPage), glances).map { Row($0, $1, now: now) }
        isEmpty = total + hidden == 0
        isNothingFound = !search.isEmpty && total > 0 && found.isEmpty
        let noun = total == 1 ? "rule version" : "rule versions"
        let count =
            search.isEmpty ? "\(total.grouped) \(noun)" : "\(found.count.grouped) of \(total.grouped) \(noun) found"
        summary = hidden == 0 ? count : "\(count), \(hidden.grouped) more hidden"
        let address = { (page: Int) in "rules?q=\(search.percentEncoded)&page=\(page)" }
        previous = page > 0 ? address(page - 1) : nil
        next = first + Self.rowsPerPage < found.count ? address(page + 1) : nil
    }
}

extension RulesPage.Row {
    fileprivate init(_ rule: RulesReport.Rule, _ glance: RulesPage.Glance, now: Date) {
        name = rule.name ?? rule.ruleId ?? "all other rule versions"
        id = rule.name == nil ? nil : rule.ruleId
        href = rule.ruleId.map { "rule" + RuleQuery(ruleID: $0).text }
        let moment = Moment(rule.lastEvent.text, in: .utc)
        lastSeen = moment?.ago(from: now) ?? ""
        lastSeenTime = rule.lastEvent.text
        lastSeenExact = moment.map { "\($0.text) UTC" } ?? ""
        exposures = rule.exposures.grouped
        conversions = rule.conversions.grouped
        outcomes = rule.outcomes.grouped
        sparkline = glance.events.contains { $0 > 0 } ? Sparkline(glance.events).points : nil
        sparklineText = "\(glance.events.reduce(0, +).grouped) events in the last \(RulesPage.sparklineDays) days"
        results = glance.groups.map { RulePage.Headline($0, now: now) }
    }
}
