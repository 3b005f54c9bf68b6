import GRDB
import GRDBSQLite

/// Copying commits from SQLite's log into the database file, so that the log can start over.
///
/// SQLite's own automatic checkpoint ignores errors, and a sync that failed once may succeed the next time with the
/// pages lost; then the log would start over and the commits be gone. So it is replaced by one that reports them.
///
/// It runs inside the commit that made the log too long, before that commit returns. A checkpoint on another thread
/// would compete for the same disk and, under load, never reach the log's end, so that the log would never start over.
/// Inside the commit its cost has a bound, `framesMax` pages and two syncs for each 4 MiB of commits. It is a passive
/// one: it never waits for a reader. Where one holds the log, the next commit tries again.
public enum Checkpoint {
    /// How many pages of 4 KiB the log holds before they are copied: 4 MiB.
    private static let framesMax: CInt = 1000

    /// Installs it on a connection that writes, in place of SQLite's own.
    public static func install(on database: Database) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { _, connection, name, frames in Checkpoint.afterCommit(connection, name, frames: frames) }, nil)
    }

    /// What it returns becomes the result of the commit, which is durable by then either way.
    private static func afterCommit(_ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, frames: CInt) -> CInt {
        guard frames >= framesMax, let connection else { return SQLITE_OK }
        let result = sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        // Without room for the copy, or with another checkpoint running, the commits stay safe in the log.
        if [SQLITE_FULL, SQLITE_BUSY].contains(result & 0xFF) { return SQLITE_OK }
        if result == DiskRoom.writeFailed {
            let hasRoom = !DiskRoom.isLacking(accordingTo: DiskRoom.lastError(of: DatabaseFile.main(of: connection)))
            // Another code, so that it is not taken for a commit that could not be written.
            return hasRoom ? SQLITE_IOERR : SQLITE_OK
        }
        return result
    }

    /// Makes durable what has been committed, for a connection whose commits do not sync.
    public static func syncLog(of database: Database) throws {
        try database.sqliteConnection.flatMap(DatabaseFile.log)?.sync()
    }

    /// Copies all of the log into the file and cuts the log to no length, so that nothing is left in it of what was
    /// there before. False while somebody reads what the log has, or writes.
    ///
    /// - Parameter waitMilliseconds: how long to wait for readers, which keeps out who writes. The connection's own
    ///   waiting time is a second again afterwards.
    public static func emptyLog(of database: Database, waitMilliseconds: CInt) throws -> Bool {
        let connection = database.sqliteConnection
        sqlite3_busy_timeout(connection, waitMilliseconds)
        defer { sqlite3_busy_timeout(connection, 1000) }
        let result = sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if result & 0xFF == SQLITE_BUSY { return false }
        guard result == SQLITE_OK else {
            guard let connection, result == DiskRoom.writeFailed,
                DiskRoom.isLacking(accordingTo: DiskRoom.lastError(of: DatabaseFile.main(of: connection)))
            else { throw DatabaseError(resultCode: ResultCode(rawValue: result), message: "copying the log failed") }
            throw DatabaseError(resultCode: .SQLITE_FULL)
        }
        return true
    }
}
