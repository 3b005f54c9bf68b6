import Dispatch
import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// Copying commits from SQLite's log into the database file, so that the log can start over.
///
/// SQLite's own automatic checkpoint ignores errors, and a sync that failed once may succeed the next time with the
/// pages lost; then the log would start over and the commits be gone. So it is replaced by one that reports them.
///
/// The log starts over only where a commit finds all of it copied, so the last of it is copied inside a commit, before that
/// returns. A ``LogCopier`` has copied the most of it by then, and what is left costs little more than two syncs. Without
/// one, or where it is late, all is copied there: the log stays within 4 MiB, but for what one commit brings. It is a passive
/// checkpoint: it never waits for a reader. Where one holds the log, the next commit tries again.
public enum Checkpoint {
    /// How many pages of 4 KiB the log holds before they are copied: 4 MiB.
    fileprivate static let framesMax = 1000
    /// How many of them are copied beside the commits once there are so many.
    fileprivate static let framesToCopy = 500
    /// How many that is to leave to a commit.
    fileprivate static let framesLeftMax = 64

    /// One file at a time is copied: two would compete for the disk, and with both of them a commit that waits for it.
    fileprivate static let turn = Mutex(())

    /// Installs it on a connection that writes, in place of SQLite's own.
    public static func install(on database: Database) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { _, connection, name, frames in
                guard frames >= Checkpoint.framesMax else { return SQLITE_OK }
                return Checkpoint.turn.withLock { _ in Checkpoint.copy(connection, name).result }
            }, nil)
    }

    /// Installs it on a connection whose commits somebody waits for. The copier must last as long as the connection.
    public static func install(on database: Database, with copier: LogCopier) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { copier, connection, name, frames in
                guard let copier else { return SQLITE_OK }
                return Unmanaged<LogCopier>.fromOpaque(copier).takeUnretainedValue()
                    .afterCommit(connection, name, frames: Int(frames))
            }, Unmanaged.passUnretained(copier).toOpaque())
    }

    /// Copies what is not copied yet, as far as nobody reads it.
    ///
    /// - Returns: what becomes the result of the commit that it is a part of, which is durable by then either way; and how many
    ///   frames of the log are copied.
    fileprivate static func copy(
        _ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?
    ) -> (result: CInt, framesCopied: Int) {
        var copied: CInt = 0
        let result = sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, &copied)
        // Without room for the copy, or with another checkpoint running, the commits stay safe in the log.
        if [SQLITE_FULL, SQLITE_BUSY].contains(result & 0xFF) { return (SQLITE_OK, 0) }
        if result == DiskRoom.writeFailed, let connection {
            let hasRoom = !DiskRoom.isLacking(accordingTo: DiskRoom.lastError(of: DatabaseFile.main(of: connection)))
            // Another code, so that it is not taken for a commit that could not be written.
            return (hasRoom ? SQLITE_IOERR : SQLITE_OK, 0)
        }
        return (result, max(0, Int(copied)))
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
        let result = turn.withLock { _ in
            sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        }
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

/// Copies a log into its file beside the commits, on a connection and a thread of its own.
public final class LogCopier: Sendable {
    private struct State {
        var isCopying = false
        /// How many frames of the log it has copied.
        var framesCopied = 0
        /// What the next commit says, since nobody else is there to say it.
        var failure: CInt?
    }

    private enum Step {
        case wait
        case fail(CInt)
        case beginCopying
        case copyTheRest
    }

    private let connection: DatabaseQueue
    private let state = Mutex(State())

    /// Opens the file, which exists and is in WAL mode.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "log copier"
        configuration.targetQueue = QuietThread.queue(label: "log copier")
        connection = try DatabaseQueue(path: path, configuration: configuration)
        // As the connection that writes has it: what is copied is synced before the log may start over.
        try connection.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    }

    /// Waits until nothing is being copied, and closes the file.
    public func close() throws {
        try connection.close()
    }

    /// Waits until nothing is being copied.
    func wait() {
        connection.writeWithoutTransaction { _ in }
    }

    /// - Returns: what becomes the result of the commit.
    fileprivate func afterCommit(
        _ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, frames: Int
    ) -> CInt {
        switch step(frames: frames) {
        case .wait: return SQLITE_OK
        case .fail(let result): return result
        case .beginCopying:
            beginCopying()
            return SQLITE_OK
        case .copyTheRest:
            state.withLock { $0.framesCopied = 0 }
            return Checkpoint.copy(connection, name).result
        }
    }

    private func step(frames: Int) -> Step {
        state.withLock { state in
            if let failure = state.failure { return .fail(failure) }
            if frames >= Checkpoint.framesMax { return .copyTheRest }
            if state.isCopying || frames < Checkpoint.framesToCopy { return .wait }
            if frames - state.framesCopied <= Checkpoint.framesLeftMax { return .copyTheRest }
            state.isCopying = true
            return .beginCopying
        }
    }

    private func beginCopying() {
        connection.asyncWriteWithoutTransaction { [self] database in
            QuietThread.yieldToOthers()
            let (result, framesCopied) = Checkpoint.turn.withLock { _ in
                Checkpoint.copy(database.sqliteConnection, "main")
            }
            state.withLock { state in
                state.isCopying = false
                state.framesCopied = framesCopied
                if result != SQLITE_OK { state.failure = result }
            }
        }
    }
}

/// Where files are written to while nobody waits for it.
public enum QuietThread {
    private static let niceness: CInt = 5

    /// Of a quality of service that nothing else here has, and so with threads of its own.
    public static func queue(label: String) -> DispatchQueue {
        DispatchQueue(label: label, qos: .background)
    }

    /// Has the calling thread, one of such a queue, give way to those that answer visitors.
    public static func yieldToOthers() {
        // Of this thread alone, as Linux has it. Where the process runs at a lower priority, it stays there.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    }
}
