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
/// returns. Where a ``LogCopier`` has copied and synced the most of it by then, that is a few dozen pages and two syncs.
/// Without one, or where it is late, all is copied there, so that the log stays within 4 MiB, but for what one commit brings. It
/// is a passive checkpoint: it never waits for a reader. Where one holds the log, the next commit tries again.
///
/// Nobody begins to copy a log while another is about to: SQLite before 3.51.3 may take a log that starts over at that very
/// moment for one that is copied (https://www.sqlite.org/wal.html#walresetbug).
public enum Checkpoint {
    /// Whoever copies much takes it: two at once, of whichever files, would compete for the disk, and a commit wait for both.
    fileprivate static let turn = Mutex(())

    /// How much of a log is written again at once: SQLite writes less than 128 KiB in one call.
    private static let rewrittenBytesMax: Int64 = 1 << 16

    /// Installs it on a connection that writes, in place of SQLite's own.
    public static func install(on database: Database, bounds: LogBounds = .standard) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { framesMax, connection, name, frames in
                guard frames >= Int(bitPattern: framesMax) else { return SQLITE_OK }
                return Checkpoint.turn.withLock { _ in Checkpoint.copy(connection, name).result }
            }, UnsafeMutableRawPointer(bitPattern: bounds.framesMax))
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

    /// Makes durable what the process before has written to the log, for a connection that has just read it.
    ///
    /// That process may have died before a sync, or of one that failed. What a system could not write then it takes for
    /// clean, and still shows it: so syncing is not enough, and each byte is written again in its place. A death midway changes
    /// nothing.
    public static func rewriteLog(of database: Database) throws {
        guard let log = database.sqliteConnection.flatMap(DatabaseFile.log) else { return }
        let end = try log.byteCount()
        var place: Int64 = 0
        while place < end {
            var bytes = [UInt8](repeating: 0, count: Int(min(end - place, rewrittenBytesMax)))
            try log.read(into: &bytes, at: place)
            try log.write(bytes[...], at: place)
            place += Int64(bytes.count)
        }
        if end > 0 { try log.sync() }
    }

    /// Copies all of the log into the file and cuts the log to no length, so that nothing is left in it of what was
    /// there before. False while somebody reads what the log has, or writes.
    ///
    /// - Parameters:
    ///   - copier: the connection's, if it has one.
    ///   - waitMilliseconds: how long to wait for readers, which keeps out who writes. The connection's own waiting time is a
    ///     second again afterwards.
    public static func emptyLog(
        of database: Database, with copier: LogCopier?, waitMilliseconds: CInt
    ) throws -> Bool {
        let connection = database.sqliteConnection
        copier?.stepAside()
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

/// How long a log becomes, in pages of 4 KiB, before it is copied.
public struct LogBounds: Sendable {
    /// 4 MiB.
    public static let standard = LogBounds(framesMax: 1000, framesToCopy: 500, framesLeftMax: 64)

    /// So many are copied inside a commit.
    let framesMax: Int
    /// So many are copied beside the commits, where there is a ``LogCopier``.
    let framesToCopy: Int
    /// How many that is to leave to a commit.
    let framesLeftMax: Int
}

/// Copies a log into its file beside the commits, on a connection and a thread of its own.
public final class LogCopier: Sendable {
    private enum Activity {
        case none
        /// It has been asked to copy, and waits for its turn.
        case waiting
        case copying
    }

    private struct State {
        var activity = Activity.none
        /// How many frames of the log it has copied.
        var framesCopied = 0
        /// What the next commit says, since nobody else is there to say it.
        var failure: CInt?
    }

    private enum Step {
        case nothing
        case fail(CInt)
        case askToCopy
        case copyTheRest
        /// The copier is late: it is called off, or waited for where it has begun.
        case copyAll
    }

    /// Where it copies; tests suspend it.
    let queue: DispatchQueue
    private let connection: DatabaseQueue
    private let bounds: LogBounds
    private let state = Mutex(State())

    /// Opens the file, which exists and is in WAL mode.
    public init(path: String, bounds: LogBounds = .standard) throws {
        self.bounds = bounds
        queue = QuietThread.queue(label: "log copier")
        var configuration = Configuration()
        configuration.label = "log copier"
        configuration.targetQueue = queue
        configuration.prepareDatabase { try TemporaryFiles.avoid(in: $0) }
        connection = try DatabaseQueue(path: path, configuration: configuration)
        // As the connection that writes has it: what is copied is synced before the log may start over.
        try connection.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    }

    /// Throws what has failed, if anything has: nothing may be written any more then.
    public func check() throws {
        guard let failure = state.withLock({ $0.failure }) else { return }
        throw DatabaseError(resultCode: ResultCode(rawValue: failure), message: "copying the log failed")
    }

    /// Waits until nothing is being copied, and closes the file.
    public func close() throws {
        try connection.close()
    }

    /// Waits until nothing is being copied; for tests.
    func wait() {
        connection.writeWithoutTransaction { _ in }
    }

    /// Sees to it that nothing is copied until the next commit, which comes from the calling thread.
    fileprivate func stepAside() {
        while true {
            let isCopying = state.withLock { state in
                if state.activity == .waiting { state.activity = .none }
                return state.activity == .copying
            }
            if !isCopying { return }
            // A copy that has begun takes milliseconds. Its queue is not waited for: what stands there may wait for another file's.
            usleep(1000)
        }
    }

    /// - Returns: what becomes the result of the commit.
    fileprivate func afterCommit(
        _ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, frames: Int
    ) -> CInt {
        switch step(frames: frames) {
        case .nothing: return SQLITE_OK
        case .fail(let result): return result
        case .copyTheRest: return Checkpoint.copy(connection, name).result
        case .copyAll:
            stepAside()
            return state.withLock { $0.failure } ?? Checkpoint.copy(connection, name).result
        case .askToCopy:
            self.connection.asyncWriteWithoutTransaction { [self] in copy($0) }
            return SQLITE_OK
        }
    }

    private func step(frames: Int) -> Step {
        state.withLock { state in
            if let failure = state.failure { return .fail(failure) }
            // The log has started over since.
            if frames < state.framesCopied { state.framesCopied = 0 }
            if frames >= bounds.framesMax { return .copyAll }
            guard frames >= bounds.framesToCopy, state.activity == .none else { return .nothing }
            if frames - state.framesCopied <= bounds.framesLeftMax { return .copyTheRest }
            state.activity = .waiting
            return .askToCopy
        }
    }

    private func copy(_ database: Database) {
        QuietThread.yieldToOthers()
        Checkpoint.turn.withLock { _ in
            let isAsked = state.withLock { state in
                guard state.activity == .waiting else { return false }
                state.activity = .copying
                return true
            }
            guard isAsked else { return }
            var (result, framesCopied) = Checkpoint.copy(database.sqliteConnection, "main")
            // While commits go on SQLite leaves that to whoever copies the last of the log, which is a commit.
            if result == SQLITE_OK { result = sync(database) }
            state.withLock { state in
                state.activity = .none
                state.framesCopied = framesCopied
                if result != SQLITE_OK { state.failure = result }
            }
        }
    }

    private func sync(_ database: Database) -> CInt {
        do {
            try database.sqliteConnection.flatMap(DatabaseFile.main)?.sync()
            return SQLITE_OK
        } catch {
            return SQLITE_IOERR
        }
    }
}

/// Where files are written to while nobody waits for it.
public enum QuietThread {
    private static let niceness: CInt = 5

    /// Of a quality of service that no other queue has, and so with threads of their own.
    public static func queue(label: String) -> DispatchQueue {
        DispatchQueue(label: label, qos: .background)
    }

    /// Has the calling thread, one of such a queue, give way to those that answer visitors.
    public static func yieldToOthers() {
        // Of this thread alone, as Linux has it. Where the process runs at a lower priority, it stays there.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    }
}
