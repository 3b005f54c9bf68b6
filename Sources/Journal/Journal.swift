import FoundationEssentials
import GRDB
import GRDBSQLite
import Glibc
import SQLiteSupport
import Synchronization

/// Durable group commit: one SQLite file that holds one row for each commit, in the order of the commits.
///
/// A commit is one batch of bytes, which the journal keeps and does not look into. When `append` returns, the batch is
/// on disk: the file is in WAL mode with `synchronous = FULL`, which is read back when the file is opened.
/// Each row carries a checksum that depends on all rows before it, so that a row changed, lost or exchanged later is
/// found when rows are read. One loss cannot be told from a crash: a torn end, the last commit missing as if it had
/// never been synced.
///
/// One process uses a journal at a time; hold a `DataDirectoryLock` meanwhile. Appending is meant for one thread or
/// serial queue of the caller's, because it blocks until the disk has the batch. Reading goes through a connection of
/// its own, on any thread, and never makes a commit wait; it sees only what is durable.
public final class Journal: Sendable {
    /// The file, as errors name it.
    public let path: String
    public let identity: JournalID
    let reader: DatabaseQueue
    private let writer: DatabaseQueue
    let copier: LogCopier
    /// Which file is open, by device and inode.
    private let openedFile: FileIdentity
    /// Changed on the writer's queue only, so that the lock is held for no longer than a copy.
    private let state: Mutex<State>

    private struct State {
        var start: JournalPosition
        var last: JournalPosition
        /// The error after which nothing is appended any more.
        var failure: JournalError?
    }

    /// Opens the journal at `path`, or creates it with mode 0600.
    ///
    /// The rows themselves are not looked at: verify those that matter with `verify(after:)`.
    ///
    /// - Parameters:
    ///   - pagesMax: how many pages of 4 KiB the file may hold before it counts as full; nil leaves that to the disk.
    ///   - logBounds: how long SQLite's log becomes; for tests.
    public init(
        path: String, pagesMax: Int? = nil, logBounds: LogBounds = .standard
    ) throws(JournalError) {
        let opened: OpenedJournal
        do {
            try NewFile.createIfMissing(path)
            try Self.verifyLog(of: path)
            opened = try OpenedJournal(path: path, pagesMax: pagesMax, logBounds: logBounds)
        } catch {
            throw JournalError(error, file: path)
        }
        self.path = path
        guard let openedFile = FileIdentity(path: path) else { throw .unusable(path: path, failed: "be looked at") }
        self.openedFile = openedFile
        identity = opened.identity
        writer = opened.writer
        reader = opened.reader
        copier = opened.copier
        state = Mutex(State(start: opened.start, last: opened.last, failure: nil))
    }

    /// Throws `.broken` where whoever opens the journal at `path` would lose commits that were durable, as `init` does. For a
    /// journal that nobody has open.
    public static func verifyLog(of path: String) throws(JournalError) {
        try WriteAheadLog(path: NewFile.logPath(of: path)).verify(journal: path)
    }

    /// The place before the first commit that is still there.
    public var start: JournalPosition {
        state.withLock { $0.start }
    }

    /// The place after the last durable commit.
    public var lastPosition: JournalPosition {
        state.withLock { $0.last }
    }

    /// The bytes of its file, the log beside it apart.
    public var fileBytes: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Adds one commit and returns once it is durable.
    ///
    /// After `.full` or `.locked` nothing of it is stored and the next one may succeed. Any other error is final: the
    /// commit may or may not be durable, and every later call throws the same error.
    ///
    /// - Parameters:
    ///   - recordCount: how many records the batch holds, at least 1.
    ///   - nowMilliseconds: the time of day, since 1970, UTC.
    @discardableResult
    public func append(
        batch: [UInt8], recordCount: Int, nowMilliseconds: Int64
    ) throws(JournalError) -> JournalPosition {
        try write { database in
            try store(batch, recordCount: recordCount, nowMilliseconds: nowMilliseconds, seal: .random(), in: database)
        }
    }

    /// Runs on the writer's queue, one commit at a time. The single statement is a transaction of its own.
    private func store(
        _ batch: [UInt8], recordCount: Int, nowMilliseconds: Int64, seal: BatchSeal, in database: Database
    ) throws -> JournalPosition {
        let last = lastPosition
        // What is written into a file without a name is gone with the process.
        guard FileIdentity(path: path) == openedFile else {
            throw JournalError.unusable(
                path: path, reason: "was moved or deleted while it was open; put it back, then start again")
        }
        let position = last.following(
            committedMilliseconds: nowMilliseconds, recordCount: recordCount, digest: seal.digest(of: batch) ?? [])
        try Insertion(in: database).run(position, recordCount, nowMilliseconds, seal, batch)
        state.withLock { $0.last = position }
        return position
    }

    /// Changes the file otherwise than by appending, in one transaction.
    ///
    /// - Parameter start: the place before the first commit from then on.
    func change(startingAt start: JournalPosition? = nil, _ body: (Database) throws -> Void) throws(JournalError) {
        try write { database in
            try database.inTransaction(.immediate) {
                try body(database)
                return .commit
            }
            if let start { state.withLock { $0.start = start } }
        }
    }

    /// Does something on the writer's queue. Whatever fails there is final, and every later call throws the same, but for
    /// want of room and for another process that holds the file: then SQLite has rolled back all of it.
    func write<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do {
            return try writer.writeWithoutTransaction { database in
                if let failure = state.withLock({ $0.failure }) { throw failure }
                do {
                    try copier.check()
                    return try body(database)
                } catch {
                    let error = JournalError(error, file: path, in: database)
                    if !error.isTemporary { state.withLock { $0.failure = error } }
                    throw error
                }
            }
        } catch {
            throw JournalError(error, file: path)
        }
    }

    /// Copies SQLite's log into the file and closes it, so that the log and its index go. Nothing can be done with the
    /// journal afterwards. After an error, and while another process reads, the log stays, for the next start.
    public func close() throws(JournalError) {
        do {
            // The last connection that closes takes the log away, which one that only reads cannot.
            try reader.close()
            try copier.close()
            try writer.close()
        } catch {
            throw JournalError(error, file: path)
        }
    }
}

/// The statement that adds a commit, driven through SQLite's own interface: through GRDB's the batch would be copied.
private struct Insertion {
    private let database: Database
    private let handle: OpaquePointer

    init(in database: Database) throws {
        self.database = database
        handle = try database.cachedStatement(
            sql: """
                INSERT INTO commits (sequence, checksum, record_count, committed_ms, seal, batch)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                """
        ).sqliteStatement
    }

    func run(
        _ position: JournalPosition, _ recordCount: Int, _ committedMilliseconds: Int64, _ seal: BatchSeal,
        _ batch: [UInt8]
    ) throws {
        sqlite3_bind_int64(handle, 1, position.sequence)
        sqlite3_bind_int64(handle, 3, Int64(recordCount))
        sqlite3_bind_int64(handle, 4, committedMilliseconds)
        let result = withUnsafeBytes(of: position.checksum.bigEndian) { checksum in
            seal.bytes.withUnsafeBytes { seal in
                batch.withUnsafeBytes { batch in
                    for (place, bytes) in [(2, checksum), (5, seal), (6, batch)] as [(CInt, UnsafeRawBufferPointer)] {
                        sqlite3_bind_blob(handle, place, bytes.baseAddress, CInt(bytes.count), nil)
                    }
                    return sqlite3_step(handle)
                }
            }
        }
        // What a commit that failed has to say, resetting says; a step may say no more than that it failed.
        let reset = sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        guard result == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: reset == SQLITE_OK ? result : reset),
                message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
        }
    }
}

/// Which file a path leads to, whatever it was called before or will be.
private struct FileIdentity: Equatable {
    private let device: dev_t
    private let inode: ino_t

    /// nil when the path leads nowhere.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
