import Analytics
import FoundationEssentials
import Records

/// The rule versions of a site, by what has become of their tests.
struct RulesPage {
    static let rowsPerPage = 25
    /// How many days a sparkline has.
    static let sparklineDays = 28

    struct Row {
        let name: String
        /// The id, where the rule has a name of its own.
        let id: String?
        let owner: String?
        /// nil for all those together that have no name, and for one without a record.
        let href: String?
        let lastSeen: String
        let lastSeenExact: String
        /// As a program reads it; nil for one without a record.
        let lastSeenTime: String?
        let exposures: String
        let conversions: String
        let outcomes: String
        let sparkline: String?
        let sparklineText: String
        /// What the comparison of each declared group says.
        let results: [RulePage.Headline]
        /// The difference that decides, or is the farthest from none; nil where there is none.
        let effect: String?
        let effectInterval: String?
        let lift: String?
        /// By which conversion; nil where the result names no other.
        let effectConversion: String?
        /// When the first of its groups began; nil where it does not run, or begins only now.
        let running: String?
        /// What stands in place of a result.
        let remark: String
        /// What was decided, and when.
        let decision: String?
        let mistake: String?
    }

    /// A tab, or the head of a column that rows can be sorted by.
    struct Choice {
        let href: String
        let text: String
        let count: String
        let isCurrent: Bool
    }

    let frame: Frame
    let search: String
    /// As the address has them; nil for what a page begins with.
    let tab: String?
    let sort: String?
    let rows: [Row]
    let tabs: [Choice]
    let byName: Choice
    let byEffect: Choice
    let byLastSeen: Choice
    let byExposures: Choice
    /// The same four where there is no head of columns.
    let sorts: [Choice]
    /// `3 rule versions`, `12 of 40 rule versions have “paywall” in name or id`.
    let summary: String
    /// What the tab is of; nil where that is plain.
    let explanation: String?
    /// Whether nothing is recorded.
    let isEmpty: Bool
    let hasEntries: Bool
    let isNothingFound: Bool
    let previous: String?
    let next: String?

    /// - Parameters:
    ///   - hidden: how many are not shown at all.
    ///   - sparklines: exposures and conversions of each day, the latest one last, by the ids of this page's rules.
    init(
        frame: Frame, list: RuleList, query: RuleListQuery, hidden: Int, sparklines: [String: [Int]], now: Date
    ) {
        self.frame = frame
        search = query.search
        tab = query.tab?.rawValue
        sort = query.sort == .attention ? nil : query.sort.rawValue
        let (shown, found) = (list.page(query), list.found(query))
        rows = shown.map { Row($0, sparklines, now: now) }
        isEmpty = list.entries.allSatisfy { $0.record == nil } && hidden == 0
        hasEntries = !list.entries.isEmpty || hidden > 0
        isNothingFound = found.isEmpty && !list.entries.isEmpty
        tabs = Self.tabs(list, query)
        func choice(_ sort: RuleListQuery.Sort, _ text: String) -> Choice {
            Choice(
                href: query.with { ($0.sort, $0.page) = (sort, 0) }.text, text: text, count: "",
                isCurrent: query.sort == sort)
        }
        byName = choice(.name, "Rule version")
        byEffect = choice(.difference, "Difference, points")
        byLastSeen = choice(.latest, "Last seen")
        byExposures = choice(.exposures, "Exposures")
        sorts = [choice(.attention, "What waits for somebody"), byLastSeen, byName, byEffect, byExposures]
        let total = list.entries.count
        let noun = total == 1 ? "rule version" : "rule versions"
        let count =
            query.search.isEmpty && query.tab == nil
            ? "\(total.grouped) \(noun)" : "\(found.count.grouped) of \(total.grouped) \(noun)"
        summary = (hidden == 0 ? count : "\(count), \(hidden.grouped) more hidden") + ", \(query.sort.text)"
        explanation = query.tab?.explanation
        previous = query.page > 0 ? query.with { $0.page -= 1 }.text : nil
        next = (query.page + 1) * Self.rowsPerPage < found.count ? query.with { $0.page += 1 }.text : nil
    }

    private static func tabs(_ list: RuleList, _ query: RuleListQuery) -> [Choice] {
        let all: [(RuleList.State?, String, Int)] =
            [(nil, "All", list.entries.count)]
            + RuleList.State.allCases.map { state in
                (state, state.title, list.entries.count { $0.state == state })
            }
        return all.filter { $0.0 == nil || $0.2 > 0 || $0.0 == query.tab }.map { state, title, count in
            Choice(
                href: query.with { ($0.tab, $0.page) = (state, 0) }.text, text: title, count: count.grouped,
                isCurrent: query.tab == state)
        }
    }
}

extension RulesPage.Row {
    init(_ entry: RuleList.Entry, _ sparklines: [String: [Int]], now: Date) {
        name = entry.title
        id = entry.name == nil ? nil : entry.ruleID
        owner = entry.owner
        href = entry.record?.ruleId.map { "rule" + RuleQuery(ruleID: $0).text }
        let moment = (entry.record?.lastEvent.text).flatMap { Moment($0, in: .utc) }
        lastSeen = moment?.ago(from: now) ?? "never"
        lastSeenTime = entry.record?.lastEvent.text
        lastSeenExact = moment.map { "\($0.text) UTC" } ?? ""
        exposures = entry.record?.exposures.grouped ?? "0"
        conversions = entry.record?.conversions.grouped ?? "0"
        outcomes = entry.record?.outcomes.grouped ?? "0"
        let events = entry.ruleID.flatMap { sparklines[$0] } ?? []
        sparkline = events.contains { $0 > 0 } ? Sparkline(events).points : nil
        sparklineText = "\(events.reduce(0, +).grouped) events in the last \(RulesPage.sparklineDays) full days"
        results = entry.groups.map { RulePage.Headline($0, now: now) }
        let arm = entry.decisiveArm
        effect = arm?.difference?.points
        effectInterval = arm?.differenceAlwaysValid?.points
        lift = arm?.lift?.lift
        // An outcome is in one group.
        let compared = entry.groups.first { $0.arms.contains { $0.outcomeId == arm?.outcomeId } }
        effectConversion = entry.breaksGuardrail ? compared?.conversion : nil
        let begun = entry.groups.map(\.start.text).min().flatMap { Moment($0, in: .utc) }
        running = begun.flatMap { begun in
            entry.state == .running && !begun.isAfter(Moment(now, in: .utc)) ? "began \(begun.ago(from: now))" : nil
        }
        remark = entry.state == .unseen ? "declared, not seen yet" : "not a test"
        decision = entry.record?.decision.map { DecisionText.of($0, day: entry.record?.decided) }
        mistake = entry.record?.mistake.map { "Probably \($0)" }
    }
}
