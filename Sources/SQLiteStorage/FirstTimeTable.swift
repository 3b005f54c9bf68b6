import GRDB
import GRDBSQLite

/// The table of subjects: by far the largest, and the one that decides how fast records are counted.
///
/// Its two statements are driven through SQLite's own interface, because GRDB's arguments cost as much as the row.
struct FirstTimeTable {
    private let database: Database
    private let insertion: Statement
    private let correction: Statement

    init(in database: Database) throws {
        self.database = database
        insertion = try database.cachedStatement(
            sql: """
                INSERT INTO first_time (conversion_id, subject_high, subject_low, first_ms) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO NOTHING
                """)
        correction = try database.cachedStatement(
            sql: """
                UPDATE first_time SET first_ms = ?4
                WHERE conversion_id = ?1 AND subject_high = ?2 AND subject_low = ?3 AND first_ms > ?4
                """)
    }

    /// Adds one subject's first time, or corrects it when an earlier one arrived late; true when the subject is new.
    func add(_ row: FirstTime) throws -> Bool {
        try run(insertion, row)
        if sqlite3_changes(database.sqliteConnection) == 1 { return true }
        try run(correction, row)
        return false
    }

    private func run(_ statement: Statement, _ row: FirstTime) throws {
        let handle = statement.sqliteStatement
        sqlite3_bind_int64(handle, 1, row.conversionID)
        sqlite3_bind_int64(handle, 2, row.subjectHigh)
        sqlite3_bind_int64(handle, 3, row.subjectLow)
        sqlite3_bind_int64(handle, 4, row.milliseconds)
        let result = sqlite3_step(handle)
        let message = result == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(database.sqliteConnection))
        sqlite3_reset(handle)
        guard result == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: result), message: message)
        }
    }
}
