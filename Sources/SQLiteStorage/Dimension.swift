import FoundationEssentials
import GRDB
import SQLiteSupport
import Storage

/// One row of the table of names.
struct Dimension {
    let id: Int64
    /// How many names stand under this one, `other` not counted.
    var children: Int

    /// The id above all sites. No row has it.
    static let root = dimensionRoot

    static func find(_ name: DimensionName, under parentID: Int64, in database: Database) throws -> Dimension? {
        // An empty Data binds as NULL.
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, children FROM dimension
                WHERE parent_id = ? AND is_other = ? AND name = ifnull(?, x'')
                """)
        let row = try Row.fetchOne(statement, arguments: [parentID, name == .other, bytes(of: name)])
        return try row.map { Dimension(id: try $0.integer(0), children: Int(try $0.integer(1))) }
    }

    static func insert(_ name: DimensionName, under parentID: Int64, in database: Database) throws -> Dimension {
        try database.cachedStatement(
            sql: "INSERT INTO dimension (parent_id, is_other, name) VALUES (?, ?, ifnull(?, x''))"
        ).execute(arguments: [parentID, name == .other, bytes(of: name)])
        let id = database.lastInsertedRowID
        if name != .other {
            try database.cachedStatement(sql: "UPDATE dimension SET children = children + 1 WHERE id = ?")
                .execute(arguments: [parentID])
        }
        return Dimension(id: id, children: 0)
    }

    static func countSites(in database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM dimension WHERE parent_id = ? AND is_other = 0", arguments: [root])
            ?? 0
    }

    /// What a rule version and its site are called; nil when there is no such rule version.
    static func names(ofRule id: Int64, in database: Database) throws -> (site: DimensionName, rule: DimensionName)? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT site.is_other, site.name, rule.is_other, rule.name
                FROM dimension AS rule JOIN dimension AS site ON site.id = rule.parent_id WHERE rule.id = ?
                """, arguments: [id]
        ).map { (try $0.dimensionName(0), try $0.dimensionName(2)) }
    }

    /// The outcomes and conversions of a rule version.
    static func outcomeNames(ofRule ruleID: Int64, in database: Database) throws -> OutcomeNames {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT outcome.id, outcome.is_other, outcome.name,
                        conversion.id, conversion.is_other, conversion.name
                    FROM dimension AS outcome LEFT JOIN dimension AS conversion ON conversion.parent_id = outcome.id
                    WHERE outcome.parent_id = ?
                    ORDER BY outcome.is_other, outcome.name, outcome.id, conversion.is_other, conversion.name
                    """), arguments: [ruleID])
        var names = OutcomeNames()
        var last: Int64?
        while let row = try rows.next() {
            let outcomeID = try row.integer(0)
            if outcomeID != last { names.addOutcome(outcomeID, try row.dimensionName(1)) }
            last = outcomeID
            if !row.hasNull(atIndex: 3) { names.addConversion(try row.integer(3), try row.dimensionName(4)) }
        }
        return names
    }

    private static func bytes(of name: DimensionName) -> Data {
        switch name {
        case .named(let name): bytes(of: name)
        case .other: Data()
        }
    }

    static func bytes(of name: String) -> Data {
        Data(name.utf8)
    }
}

extension Row {
    /// A name, which is stored as the bytes of its UTF-8.
    func text(_ index: Int) throws -> String {
        String(decoding: try blob(index), as: UTF8.self)
    }

    /// A name from the columns `is_other` and `name`, which stand side by side.
    func dimensionName(_ index: Int) throws -> DimensionName {
        try integer(index) == 1 ? .other : .named(try text(index + 1))
    }
}

/// The table of names, for a fold.
struct SQLiteDimensionTable: DimensionTable {
    typealias Failure = any Error

    let database: Database

    func find(_ name: DimensionName, under parentID: Int64) throws -> (id: Int64, children: Int)? {
        try Dimension.find(name, under: parentID, in: database).map { ($0.id, $0.children) }
    }

    func insert(_ name: DimensionName, under parentID: Int64) throws -> Int64 {
        try Dimension.insert(name, under: parentID, in: database).id
    }

    func countSites() throws -> Int {
        try Dimension.countSites(in: database)
    }
}
