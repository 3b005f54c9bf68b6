import GRDB
import Records
import SQLiteSupport
import Storage

extension SQLiteOutcomeStore {
    public func setHidden(_ isHidden: Bool, _ parts: [RulePart]) async throws(StorageError) -> Int {
        try await writeDurably { database in try HiddenTable.set(isHidden, parts, in: database) }
    }

    public func hiddenParts() async throws(StorageError) -> Set<RulePart> {
        try await read { try HiddenTable.parts(in: $0) }
    }

    public func delete(_ parts: [RulePart], noting deletion: Deletion) async throws(StorageError) -> Int {
        try await writeDurably { database in
            let count = try parts.count { try DeletedDimension.delete($0, in: database) }
            try HiddenTable.forget(parts, in: database)
            try DeletionTable.set(deletion, in: database)
            return count
        }
    }

    public func unfinishedDeletion() async throws(StorageError) -> Deletion? {
        try await read { try DeletionTable.deletion(in: $0) }
    }

    public func purge(
        from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (removed: Int, next: ExpiryPlace?) {
        try await write { database in
            guard let deleted = try DeletedDimension.next(in: database) else { return (0, nil) }
            return try deleted.purge(from: place, rowsMax: rowsMax, in: database)
        }
    }

    public func finishDeletion() async throws(StorageError) {
        try await writeDurably { try DeletionTable.clear(in: $0) }
    }

    /// Changes the store in one transaction, or not at all. Once it returns, the change and all before it outlast a power
    /// failure.
    func writeDurably<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        let value = try await write(body)
        try await makeDurable()
        return value
    }
}

/// The marks of what is left out of lists, by name: they outlive that a site's names are given other numbers.
///
/// It goes by `IF NOT EXISTS`, as `ErasureTable` does.
enum HiddenTable {
    static func createIfMissing(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS hidden (
                    site BLOB NOT NULL, rule BLOB NOT NULL,
                    -- Without bytes for all of the rule version: no outcome is called so.
                    outcome BLOB NOT NULL,
                    PRIMARY KEY (site, rule, outcome)
                ) STRICT, WITHOUT ROWID
                """)
    }

    /// Returns how many were not so before.
    static func set(_ isHidden: Bool, _ parts: [RulePart], in database: Database) throws -> Int {
        let statement = try database.cachedStatement(
            sql: isHidden
                ? "INSERT INTO hidden (site, rule, outcome) VALUES (?, ?, ifnull(?, x'')) ON CONFLICT DO NOTHING"
                : "DELETE FROM hidden WHERE site = ? AND rule = ? AND outcome = ifnull(?, x'')")
        return try parts.reduce(0) { count, part in
            try statement.execute(arguments: part.columns)
            return count + database.changesCount
        }
    }

    /// Removes the marks of what is deleted: of a rule version its outcomes' as well.
    static func forget(_ parts: [RulePart], in database: Database) throws {
        _ = try set(false, parts, in: database)
        for part in parts where part.outcomeID == nil {
            try database.execute(
                sql: "DELETE FROM hidden WHERE site = ? AND rule = ?",
                arguments: [Dimension.bytes(of: part.site), Dimension.bytes(of: part.ruleID)])
        }
    }

    static func parts(in database: Database) throws -> Set<RulePart> {
        try RulePart.all(from: "hidden", in: database)
    }
}

/// What the journal is yet to lose. No row stands for nothing.
///
/// It goes by `IF NOT EXISTS`, as `ErasureTable` does.
enum DeletionTable {
    static func createIfMissing(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS deletion (
                    site BLOB NOT NULL, rule BLOB NOT NULL, outcome BLOB NOT NULL, sequence INTEGER NOT NULL,
                    PRIMARY KEY (site, rule, outcome)
                ) STRICT, WITHOUT ROWID
                """)
    }

    static func set(_ deletion: Deletion, in database: Database) throws {
        let insertion = try database.cachedStatement(
            sql: "INSERT INTO deletion (site, rule, outcome, sequence) VALUES (?, ?, ifnull(?, x''), ?)")
        for part in deletion.parts {
            try insertion.execute(arguments: part.columns + [deletion.sequence])
        }
    }

    static func deletion(in database: Database) throws -> Deletion? {
        let sequence = try Int64.fetchOne(database, sql: "SELECT max(sequence) FROM deletion")
        return try sequence.map { Deletion(try RulePart.all(from: "deletion", in: database), through: $0) }
    }

    static func clear(in database: Database) throws {
        try database.execute(sql: "DELETE FROM deletion")
    }
}

extension RulePart {
    /// As a table's columns have it. No outcome binds as NULL, as no bytes would.
    fileprivate var columns: StatementArguments {
        [Dimension.bytes(of: site), Dimension.bytes(of: ruleID), outcomeID.map(Dimension.bytes)]
    }

    fileprivate static func all(from table: String, in database: Database) throws -> Set<RulePart> {
        let rows = try Row.fetchAll(database, sql: "SELECT site, rule, outcome FROM \(table)")
        return try Set(
            rows.map { row in
                let outcome = try row.text(2)
                return RulePart(
                    site: try row.text(0), ruleID: try row.text(1), outcomeID: outcome.isEmpty ? nil : outcome)
            })
    }
}
