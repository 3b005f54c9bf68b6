import GRDB
import Storage

extension SQLiteOutcomeStore {
    public func declare(_ declared: DeclaredNames, nowMilliseconds: Int64) async throws(StorageError) {
        try await write { [limits] database in
            var interner = try DimensionInterner(database: database, limits: limits, declared: declared)
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
                ofRule: group.ruleID, dimensionIDs: members.flatMap { [$0.outcomeID, $0.conversionID] }, in: database)
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
