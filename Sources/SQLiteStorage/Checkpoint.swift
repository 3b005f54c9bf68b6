import GRDB
import GRDBSQLite

/// Copying folds from SQLite's log into the store's file, so that the log can start over.
///
/// SQLite's own automatic checkpoint ignores errors, and a sync that failed once may succeed the next time with the
/// pages lost; then the log would start over and the folds be gone. So it is replaced by one that reports them. It
/// never waits for a report that is being read: where one holds the log, the next fold tries again.
enum Checkpoint {
    /// How many pages of 4 KiB the log holds before they are copied: 4 MiB.
    private static let framesMax: CInt = 1000

    static func install(on database: Database) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { _, connection, name, frames in Checkpoint.afterCommit(connection, name, frames: frames) }, nil)
    }

    /// What it returns becomes the result of the fold, which is stored by then either way.
    private static func afterCommit(_ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, frames: CInt) -> CInt {
        guard frames >= framesMax else { return SQLITE_OK }
        let result = sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        // Without room for the copy, or with another checkpoint running, the folds stay safe in the log.
        return [SQLITE_FULL, SQLITE_BUSY].contains(result & 0xFF) ? SQLITE_OK : result
    }
}
