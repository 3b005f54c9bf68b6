import GRDB
import GRDBSQLite
import Records
import Storage

/// The table of subjects: by far the largest, and the one that decides how fast records are counted.
///
/// Its statements are driven through SQLite's own interface, because GRDB's arguments cost as much as the row.
struct SubjectTable {
    private let database: Database
    private let selection: Statement
    private let insertion: Statement
    private let replacement: Statement

    init(in database: Database) throws {
        self.database = database
        selection = try database.cachedStatement(
            sql: "SELECT history FROM subject WHERE rule_id = ?1 AND subject_high = ?2 AND subject_low = ?3")
        insertion = try database.cachedStatement(
            sql: "INSERT INTO subject (rule_id, subject_high, subject_low, history) VALUES (?1, ?2, ?3, ?4)")
        replacement = try database.cachedStatement(
            sql: "UPDATE subject SET history = ?4 WHERE rule_id = ?1 AND subject_high = ?2 AND subject_low = ?3")
    }

    /// Nil when nothing is kept of the subject under that rule version.
    func history(of subject: Subject, ruleID: Int64) throws -> SubjectHistory? {
        let handle = selection.sqliteStatement
        defer { sqlite3_reset(handle) }
        bind(subject, ruleID: ruleID, to: handle)
        guard try isRow(sqlite3_step(handle)) else { return nil }
        guard let history = SubjectHistory(decoding: blob(0, of: handle)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "what is kept of a subject is unreadable")
        }
        return history
    }

    /// Calls `body` with the rows after a place, in the order of the table, and at most so many; with nil for a history that is
    /// unreadable.
    func forEach(
        after place: ExpiryPlace?, rowsMax: Int, _ body: (ExpiryPlace, SubjectHistory?) throws -> Void
    ) throws {
        let handle = try database.cachedStatement(
            sql: """
                SELECT rule_id, subject_high, subject_low, history FROM subject
                WHERE (rule_id, subject_high, subject_low) > (?1, ?2, ?3)
                ORDER BY rule_id, subject_high, subject_low LIMIT ?4
                """
        ).sqliteStatement
        defer { sqlite3_reset(handle) }
        bind(Subject(place?.subject ?? Self.first), ruleID: place?.ruleNumber ?? .min, to: handle)
        sqlite3_bind_int64(handle, 4, Int64(rowsMax))
        while try isRow(sqlite3_step(handle)) {
            let subject = Subject(high: sqlite3_column_int64(handle, 1), low: sqlite3_column_int64(handle, 2))
            try body(
                ExpiryPlace(ruleNumber: sqlite3_column_int64(handle, 0), subject: subject.value),
                SubjectHistory(decoding: blob(3, of: handle)))
        }
    }

    /// The first in the order of the table, which is that of signed integers.
    private static let first = Subject(high: .min, low: .min).value

    /// - Parameter isNew: whether nothing is kept of the subject yet.
    func set(_ history: SubjectHistory, of subject: Subject, ruleID: Int64, isNew: Bool) throws {
        let handle = (isNew ? insertion : replacement).sqliteStatement
        bind(subject, ruleID: ruleID, to: handle)
        let result = history.encode().withUnsafeBytes { bytes in
            sqlite3_bind_blob(handle, 4, bytes.baseAddress, CInt(bytes.count), nil)
            return sqlite3_step(handle)
        }
        let failure = result == SQLITE_DONE ? nil : error(result)
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        if let failure { throw failure }
    }

    func remove(_ subject: Subject, ruleID: Int64) throws {
        try database.cachedStatement(
            sql: "DELETE FROM subject WHERE rule_id = ? AND subject_high = ? AND subject_low = ?"
        ).execute(arguments: [ruleID, subject.high, subject.low])
    }

    private func bind(_ subject: Subject, ruleID: Int64, to handle: OpaquePointer) {
        sqlite3_bind_int64(handle, 1, ruleID)
        sqlite3_bind_int64(handle, 2, subject.high)
        sqlite3_bind_int64(handle, 3, subject.low)
    }

    private func isRow(_ result: CInt) throws -> Bool {
        guard result == SQLITE_ROW || result == SQLITE_DONE else { throw error(result) }
        return result == SQLITE_ROW
    }

    private func blob(_ column: CInt, of handle: OpaquePointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
    }

    private func error(_ result: CInt) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: result),
            message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
    }
}
