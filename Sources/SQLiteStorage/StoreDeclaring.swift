import FoundationEssentials
import GRDB
import SQLiteSupport
import Storage

extension SQLiteOutcomeStore {
    public func declare(_ declared: DeclaredNames, nowMilliseconds: Int64) async throws(StorageError) {
        try await write { [limits] database in
            var interner = try DimensionInterner(
                SQLiteDimensionTable(database: database), limits: limits, declared: declared)
            try Self.removeGroups(notIn: declared, in: database)
            for (siteName, site) in declared.sites.sorted(by: { $0.key < $1.key }) {
                let siteID = try interner.id(ofSite: siteName)
                try Self.declareWindow(site.windowDays, ofSite: siteID, nowMilliseconds, in: database)
                for (ruleName, rule) in site.rules.sorted(by: { $0.key < $1.key }) where !rule.groups.isEmpty {
                    let ruleID = try interner.id(ofRule: ruleName, site: siteName)
                    let inForce = try TermsTable.groups(ofRule: ruleID, in: database)
                    for group in rule.groups {
                        if let same = inForce.first(where: { $0.period.group.comparesLike(group) }) {
                            try TermsTable.set(group, of: same, in: database)
                            continue
                        }
                        try interner.intern(group, rule: ruleName, site: siteName)
                        let start = try Self.nextStart(ofRules: [ruleID], nowMilliseconds, in: database)
                        try TermsTable.add(GroupPeriod(group: group, start: start), ofRule: ruleID, in: database)
                    }
                }
            }
        }
    }

    private static func removeGroups(notIn declared: DeclaredNames, in database: Database) throws {
        for group in try TermsTable.groups(in: database) {
            let names = try Dimension.names(ofRule: group.ruleID, in: database)
            let groups = names.flatMap { declared.sites[$0.site]?.rules[$0.rule]?.groups } ?? []
            guard !groups.contains(where: group.period.group.comparesLike) else { continue }
            let members = try CountingTerms.members(of: group, in: database)
            try CellTable.removeGroupCounts(
                ofRule: group.ruleID, dimensionIDs: members.flatMap { [$0.outcomeID] + $0.conversionIDs }, in: database)
            try TermsTable.remove(group, in: database)
        }
    }

    /// A new window is one of what is exposed from the next quarter of an hour on. Where there was none, the default one
    /// has held from the beginning. Where nothing is counted yet, the new one does.
    private static func declareWindow(
        _ days: Int, ofSite siteID: Int64, _ nowMilliseconds: Int64, in database: Database
    ) throws {
        let windows = try TermsTable.windows(ofSite: siteID, in: database)
        guard days != windows.last?.days ?? CountingWindow.defaultDays else { return }
        let rules = try Int64.fetchAll(
            database, sql: "SELECT id FROM dimension JOIN rule_total ON rule_id = id WHERE parent_id = ?",
            arguments: [siteID])
        let beginning = Range<Quarter>.all.lowerBound
        guard !rules.isEmpty else {
            return try TermsTable.addWindow(WindowPeriod(start: beginning, days: days), ofSite: siteID, in: database)
        }
        if windows.isEmpty {
            let first = WindowPeriod(start: beginning, days: CountingWindow.defaultDays)
            try TermsTable.addWindow(first, ofSite: siteID, in: database)
        }
        let start = try nextStart(ofRules: rules, nowMilliseconds, in: database)
        try TermsTable.addWindow(WindowPeriod(start: start, days: days), ofSite: siteID, in: database)
    }

    /// The first quarter of an hour to come of which no event is counted yet, whatever the clocks of responders say. So
    /// what is counted already need not be counted again.
    private static func nextStart(
        ofRules ruleIDs: [Int64], _ nowMilliseconds: Int64, in database: Database
    ) throws -> Quarter {
        var latest = nowMilliseconds
        for id in ruleIDs {
            let last = try Int64.fetchOne(
                database, sql: "SELECT last_ms FROM rule_total WHERE rule_id = ?", arguments: [id])
            guard let last else { continue }
            latest = max(latest, last == .max ? .max : last + 1)
        }
        return Quarter(notBefore: latest)
    }
}

/// The tables of windows and of declared groups.
enum TermsTable {
    /// The windows of a site, the earliest first.
    static func windows(ofSite siteID: Int64, in database: Database) throws -> [WindowPeriod] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT start_quarter, days FROM site_window WHERE site_id = ? ORDER BY start_quarter"),
            arguments: [siteID]
        ).map { WindowPeriod(start: Quarter(try $0.integer(0)), days: Int(try $0.integer(1))) }
    }

    /// Those that would have begun no earlier, which nothing is counted by yet, begin no more.
    static func addWindow(_ window: WindowPeriod, ofSite siteID: Int64, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM site_window WHERE site_id = ? AND start_quarter >= ?",
            arguments: [siteID, window.start.number])
        try database.execute(
            sql: "INSERT INTO site_window (site_id, start_quarter, days) VALUES (?, ?, ?)",
            arguments: [siteID, window.start.number, window.days])
    }

    struct Group {
        let id: Int64
        let ruleID: Int64
        let period: GroupPeriod
    }

    static func groups(in database: Database) throws -> [Group] {
        try Row.fetchAll(database, sql: "SELECT id, rule_id, definition, start_quarter FROM outcome_group").map(group)
    }

    static func groups(ofRule ruleID: Int64, in database: Database) throws -> [Group] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT id, rule_id, definition, start_quarter FROM outcome_group WHERE rule_id = ? ORDER BY id"),
            arguments: [ruleID]
        ).map(group)
    }

    static func add(_ period: GroupPeriod, ofRule ruleID: Int64, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO outcome_group (rule_id, definition, start_quarter) VALUES (?, ?, ?)",
            arguments: [ruleID, try JSONEncoder().encode(StoredGroup(period.group)), period.start.number])
    }

    /// Another name, or another order of its outcomes.
    static func set(_ definition: DeclaredGroup, of group: Group, in database: Database) throws {
        guard definition != group.period.group else { return }
        try database.execute(
            sql: "UPDATE outcome_group SET definition = ? WHERE id = ?",
            arguments: [try JSONEncoder().encode(StoredGroup(definition)), group.id])
    }

    static func remove(_ group: Group, in database: Database) throws {
        try database.execute(sql: "DELETE FROM outcome_group WHERE id = ?", arguments: [group.id])
    }

    private static func group(_ row: Row) throws -> Group {
        guard let stored = try? JSONDecoder().decode(StoredGroup.self, from: try row.blob(2)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a group's definition is unreadable")
        }
        return Group(
            id: try row.integer(0), ruleID: try row.integer(1),
            period: GroupPeriod(group: stored.group, start: Quarter(try row.integer(3))))
    }
}
