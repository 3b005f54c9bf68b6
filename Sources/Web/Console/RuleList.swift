import Analytics
import Records

/// Which rule versions a page lists, in which order.
struct RuleListQuery: Equatable {
    enum Sort: String, CaseIterable {
        case attention, latest, name, difference, exposures

        var text: String {
            switch self {
            case .attention: "what waits for somebody first, then the latest active"
            case .latest: "the latest active first"
            case .name: "by name"
            case .difference: "the largest difference first"
            case .exposures: "the most exposures first"
            }
        }
    }

    var search = ""
    /// nil for all.
    var tab: RuleList.State?
    var sort = Sort.attention
    /// From 0.
    var page = 0

    /// All of them, as a page begins.
    init() {}

    init(_ visit: Visit) {
        search = String((visit["q"] ?? "").prefix(200))
        tab = visit["tab"].flatMap(RuleList.State.init)
        sort = visit["sort"].flatMap(Sort.init) ?? .attention
        page = max(visit["page"].flatMap { Int($0) } ?? 0, 0)
    }

    func with(_ change: (inout RuleListQuery) -> Void) -> RuleListQuery {
        var query = self
        change(&query)
        return query
    }

    /// The address of the page, relative to another of the site.
    var text: String {
        let parts = [
            search.isEmpty ? nil : "q=\(search.percentEncoded)", tab.map { "tab=\($0.rawValue)" },
            sort == .attention ? nil : "sort=\(sort.rawValue)", page == 0 ? nil : "page=\(page)",
        ].compactMap(\.self)
        return parts.isEmpty ? "rules" : "rules?" + parts.joined(separator: "&")
    }
}

/// The rule versions of a site, those that are declared and have no record among them, each with what has become of it.
struct RuleList {
    /// What has become of a rule version, as tabs have it.
    enum State: String, CaseIterable {
        case running, decided, broken, other, unseen, mistaken

        var title: String {
            switch self {
            case .running: "Running"
            case .decided: "Decided"
            case .broken: "Broken"
            case .other: "Not a test"
            case .unseen: "Not seen yet"
            case .mistaken: "Probably mistakes"
            }
        }

        var explanation: String? {
            switch self {
            case .running: nil
            case .decided: "Rule versions with a decision in rules.yaml. Their numbers go on, and decide nothing more."
            case .broken: "Tests whose visitors are not split as declared, so that nothing is compared."
            case .other:
                "Rule versions without a group in rules.yaml: nothing says that visitors are assigned to their outcomes at random."
            case .unseen:
                "Declared in rules.yaml, without any record so far: the rule is not live yet, or its pages send another id."
            case .mistaken:
                "Ids that are not declared and look like what a page sends when something is wrong with it. "
                    + "rule-outcomes delete takes them away once the page is mended."
            }
        }
    }

    struct Entry {
        /// nil for all those together that have no name.
        let ruleID: String?
        let name: String?
        let owner: String?
        /// nil where it has no record.
        let record: RulesReport.Rule?
        /// Of what is compared, as far as it has been looked at.
        let groups: [GroupReport]

        /// Whether a group is declared.
        var isTest: Bool { record?.test == true }

        var title: String { name ?? ruleID ?? "all other rule versions" }

        var state: State {
            guard let record else { return .unseen }
            if record.mistake != nil { return .mistaken }
            if record.decision != nil { return .decided }
            if groups.contains(where: \.isMismatched) { return .broken }
            return isTest ? .running : .other
        }

        /// What is broken comes before what can be decided, and that before all else. What nobody meant to send stands apart.
        fileprivate var urgency: Int {
            switch state {
            case .broken: 2
            case .running where breaksGuardrail: 2
            case .running where groups.contains { $0.leader != nil }: 1
            case .running, .decided, .other, .unseen: 0
            case .mistaken: -1
            }
        }

        /// The one that leads, or where none does, whose difference is the farthest from none.
        var decisiveArm: GroupReport.Arm? {
            groups.lazy.compactMap(\.leader).first
                ?? groups.flatMap(\.arms).filter { $0.differenceAlwaysValid != nil }
                .max { abs($0.difference ?? 0) < abs($1.difference ?? 0) }
        }

        var breaksGuardrail: Bool {
            groups.contains { $0.arms.contains { !$0.brokenGuardrails.isEmpty } }
        }

        /// In name or id, whether in capitals or not.
        fileprivate func matches(_ search: String) -> Bool {
            let search = search.lowercased()
            return [name, ruleID].contains { $0?.lowercased().contains(search) == true }
        }
    }

    /// The one with the latest event first; those without a record last.
    let entries: [Entry]

    /// - Parameter groups: what is compared, by the rule versions' ids.
    init(_ report: RulesReport, groups: [String: [GroupReport]]) {
        entries =
            report.rules(hidden: false).map { rule in
                Entry(
                    ruleID: rule.ruleId, name: rule.name, owner: rule.owner, record: rule,
                    groups: rule.ruleId.flatMap { groups[$0] } ?? [])
            }
            + report.unseen.map {
                Entry(ruleID: $0.ruleId, name: $0.name, owner: $0.owner, record: nil, groups: [])
            }
    }

    /// All that are asked for, of all pages.
    func found(_ query: RuleListQuery) -> [Entry] {
        let found = entries.filter { entry in
            (query.tab == nil || entry.state == query.tab) && (query.search.isEmpty || entry.matches(query.search))
        }
        func sorted(_ key: (Entry) -> Double) -> [Entry] {
            found.map { (key($0), $0) }.enumerated().sorted {
                ($1.element.0, $0.offset) < ($0.element.0, $1.offset)
            }.map(\.element.1)
        }
        return switch query.sort {
        case .attention: sorted { Double($0.urgency) }
        case .latest: found
        case .name: found.sorted { ($0.title.lowercased(), $0.title) < ($1.title.lowercased(), $1.title) }
        case .difference: sorted { ($0.decisiveArm?.difference).map(abs) ?? -1 }
        case .exposures: sorted { Double($0.record?.exposures ?? -1) }
        }
    }

    /// Those of one page; of the last one where there are not so many.
    func page(_ query: RuleListQuery) -> [Entry] {
        Array(found(query).dropFirst(query.page * RulesPage.rowsPerPage).prefix(RulesPage.rowsPerPage))
    }

    /// The query, on a page that there is.
    func clamped(_ query: RuleListQuery) -> RuleListQuery {
        query.with { $0.page = min($0.page, max(found(query).count - 1, 0) / RulesPage.rowsPerPage) }
    }
}
