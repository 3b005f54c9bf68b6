import Foundation
import GRDB
import Storage

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

/// A declared group as it stands in the file. Declared names are never `other`.
private struct StoredGroup: Codable {
    struct Share: Codable {
        let outcome: String
        let weight: Int
    }

    let name: String
    let shares: [Share]
    let baseline: String
    let conversion: String
    let windowDays: Int
    let tau: Double

    init(_ group: DeclaredGroup) {
        name = group.name
        shares = group.shares.map { Share(outcome: $0.outcome.description, weight: $0.weight) }
        baseline = group.baseline.description
        conversion = group.conversion.description
        windowDays = group.windowDays
        tau = group.tau
    }

    var group: DeclaredGroup {
        DeclaredGroup(
            name: name,
            shares: shares.map { DeclaredGroup.Share(outcome: DimensionName($0.outcome), weight: $0.weight) },
            baseline: DimensionName(baseline), conversion: DimensionName(conversion), windowDays: windowDays,
            tau: tau)
    }
}
