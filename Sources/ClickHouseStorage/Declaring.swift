import Cryptography
import FoundationEssentials
import Records
import Storage

extension ClickHouseOutcomeStore {
    /// What one aggregator declares holds for all of them, from when its declaration changes; and one that comes to a store for
    /// which others have declared something takes what is in force. So a start with a file that has not been brought up to date
    /// yet takes nothing back.
    public func declare(_ declared: DeclaredNames, nowMilliseconds: Int64) async throws(StorageError) {
        try await change { (state) throws(StorageError) in
            let digest = Self.digest(of: declared)
            let declarations: [String: String] = try await self.settings.all(.declarations)
            let aggregator = state.journalID.map { String($0, radix: 16) }
            let isNew = aggregator.map {
                declarations[$0] != digest && (declarations[$0] != nil || declarations.isEmpty)
            }
            if isNew != false { try await self.bringIntoForce(declared, nowMilliseconds, &state) }
            if let aggregator { try await self.settings.set([aggregator: digest], .declarations) }
        }
    }

    /// The same for the same windows and groups.
    private static func digest(of declared: DeclaredNames) -> String {
        struct Site: Encodable {
            let name: String
            let windowDays: Int
            let groups: [String: [StoredGroup]]
        }
        let sites = declared.sites.sorted { $0.key < $1.key }.map { name, site in
            let groups = site.rules.filter { !$0.value.groups.isEmpty }.map { rule, declared in
                (rule.description, declared.groups.map { StoredGroup($0) })
            }
            return Site(
                name: name.description, windowDays: site.windowDays,
                groups: Dictionary(groups) { $0 + $1 })
        }
        return StoredGroup.digest(sites)
    }

    private func bringIntoForce(
        _ declared: DeclaredNames, _ nowMilliseconds: Int64, _ state: inout State
    ) async throws(StorageError) {
        let inForce: [String: [StoredGroupPeriod]] = try await settings.all(.groups)
        var interner = DimensionInterner(try await names(&state), limits: limits, declared: declared)
        var windows: [String: [StoredWindow]?] = [:]
        // Of a group that is declared no more, or whose rule version is gone, nothing stays.
        var groups: [String: [StoredGroupPeriod]?] = inForce.mapValues { _ in nil }
        for (siteName, site) in declared.sites.sorted(by: { $0.key < $1.key }) {
            let siteID = interner.id(ofSite: siteName)
            if let changed = try await self.windows(site.windowDays, ofSite: siteID, nowMilliseconds) {
                windows["\(siteID)"] = changed
            }
            for (ruleName, rule) in site.rules.sorted(by: { $0.key < $1.key }) where !rule.groups.isEmpty {
                let ruleID = interner.id(ofRule: ruleName, site: siteName)
                let known = inForce["\(ruleID)"] ?? []
                var periods: [StoredGroupPeriod] = []
                // In the order in which they came into force.
                for period in known {
                    guard let same = rule.groups.first(where: period.group.group.comparesLike) else { continue }
                    periods.append(StoredGroupPeriod(same, period))
                }
                for group in rule.groups where !known.contains(where: { $0.group.group.comparesLike(group) }) {
                    interner.intern(group, rule: ruleName, site: siteName)
                    let start = try await nextStart(ofRules: [ruleID], nowMilliseconds)
                    periods.append(StoredGroupPeriod(group, ruleID: ruleID, start: start))
                }
                groups["\(ruleID)"] = .some(periods)
            }
        }
        try await keep(interner.table, &state)
        try await settings.set(windows, .windows)
        try await settings.set(groups.filter { inForce[$0.key] != $0.value }, .groups)
    }

    /// The windows of a site with a new one; nil where it is in force already.
    private func windows(
        _ days: Int, ofSite siteID: Int64, _ nowMilliseconds: Int64
    ) async throws(StorageError) -> [StoredWindow]? {
        let known: [String: [StoredWindow]] = try await settings.all(.windows)
        let windows = known["\(siteID)"] ?? []
        guard days != windows.last?.days ?? CountingWindow.defaultDays else { return nil }
        let beginning = Range<Quarter>.all.lowerBound
        let rules = try await rulesWithRecords(ofSite: siteID)
        guard !rules.isEmpty else { return [StoredWindow(start: beginning.number, days: days)] }
        let start = try await nextStart(ofRules: rules, nowMilliseconds)
        let first = [StoredWindow(start: beginning.number, days: CountingWindow.defaultDays)]
        return (windows.isEmpty ? first : windows).filter { $0.start < start.number }
            + [StoredWindow(start: start.number, days: days)]
    }

    private func rulesWithRecords(ofSite siteID: Int64) async throws(StorageError) -> [Int64] {
        var rows = try await home.rows(
            """
            SELECT rule FROM tally WHERE rule IN
                (SELECT id FROM name WHERE parent = \(siteID) GROUP BY id HAVING max(state) = 0)
            GROUP BY rule
            """)
        var rules: [Int64] = []
        try rows.forEach { (row) throws(StorageError) in rules.append(try row.integer()) }
        return rules
    }

    /// The first quarter of an hour to come of which no event is counted yet, whatever the clocks of responders say.
    private func nextStart(ofRules ruleIDs: [Int64], _ nowMilliseconds: Int64) async throws(StorageError) -> Quarter {
        var rows = try await home.rows(
            "SELECT max(last) FROM tally WHERE rule IN (\(SQL.list(ruleIDs))) HAVING count() > 0")
        var latest = nowMilliseconds
        try rows.forEach { (row) throws(StorageError) in latest = max(latest, try row.integer() + 1) }
        return Quarter(notBefore: latest)
    }
}

/// A window as it stands in the settings.
struct StoredWindow: Codable, Equatable {
    let start: Int64
    let days: Int

    var period: WindowPeriod { WindowPeriod(start: Quarter(start), days: days) }
}

/// A group in force as it stands in the settings.
struct StoredGroupPeriod: Codable, Equatable {
    /// What is counted for it has this number.
    let id: Int64
    let group: StoredGroup
    let start: Int64

    var period: GroupPeriod { GroupPeriod(group: group.group, start: Quarter(start)) }

    init(_ group: DeclaredGroup, ruleID: Int64, start: Quarter) {
        self.group = StoredGroup(group)
        self.start = start.number
        // The same for all aggregators that declare it at once.
        id = Self.number("\(ruleID) \(start.number) \(self.group.digest)")
    }

    private static func number(_ text: String) -> Int64 {
        Int64(truncatingIfNeeded: SHA256.hash(of: [UInt8](text.utf8)).first128Bits)
    }

    /// Another name, or another order of its outcomes.
    init(_ group: DeclaredGroup, _ period: StoredGroupPeriod) {
        self.group = StoredGroup(group)
        start = period.start
        id = period.id
    }
}

extension StoredGroup {
    fileprivate var digest: String { Self.digest([self]) }

    /// The same for the same values.
    fileprivate static func digest(_ values: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Texts, numbers and lists of them are always JSON.
        return SHA256.hash(of: (try? encoder.encode(values)).map { [UInt8]($0) } ?? []).hex(bytes: 16)
    }
}

enum SQL {
    static func list(_ numbers: some Sequence<Int64>) -> String {
        numbers.map { "\($0)" }.joined(separator: ",")
    }

    /// An array of Int64. Numbers by themselves have types of their own sizes, which may have none in common.
    static func array(_ numbers: some Sequence<Int64>) -> String {
        "[\(numbers.map { "toInt64(\($0))" }.joined(separator: ","))]"
    }

    /// A text of any bytes.
    static func text(_ text: String) -> String {
        "unhex('\(text.utf8.map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined())')"
    }
}
