import GRDB
import SQLiteSupport
import Storage

/// The embedded store: one SQLite file, which belongs to one aggregator.
///
/// Folds go through one connection and reports through others, so that neither waits for the other. A report reads
/// totals that the folds keep, so its cost grows with the outcomes and never with the subjects.
///
/// The file is in WAL mode with `synchronous = NORMAL`. It stays whole when the power fails, but the last folds may be
/// gone; the position goes back with them, because it is stored in the same transaction, and the same records are
/// folded again. That needs the journal to keep its rows until the folds are durable, which ``makeDurable()`` makes them.
public final class SQLiteOutcomeStore: OutcomeStore {
    /// The file, as errors name it.
    public let path: String
    let pool: DatabasePool
    let limits: DimensionLimits

    /// Opens the store at `path`, or creates it with mode 0600.
    ///
    /// - Parameters:
    ///   - pagesMax: how many pages of 4 KiB the file may hold before it counts as full; nil leaves that to the disk.
    ///   - logBounds: how long SQLite's log becomes; for tests.
    public init(
        path: String, limits: DimensionLimits = DimensionLimits(), pagesMax: Int? = nil,
        logBounds: LogBounds = .standard
    ) throws(StorageError) {
        do {
            try NewFile.createIfMissing(path)
            pool = try DatabasePool(
                path: path,
                configuration: ConnectionSettings.configuration(file: path, pagesMax: pagesMax, logBounds: logBounds))
            try pool.writeWithoutTransaction { database in
                try Schema.createIfMissing(in: database)
                // What a sync has failed to write is readable, and copied into the file in parts: the power failing then would
                // leave a place in the journal without all that was counted up to it.
                try Checkpoint.rewriteLog(of: database)
            }
        } catch {
            throw StorageError(error, store: path)
        }
        self.path = path
        self.limits = limits
    }

    /// Copies SQLite's log into the file and closes it, so that the log and its index go. Nothing can be asked of the
    /// store afterwards. After an error, and while another process reads, the log stays, for the next start.
    public func close() throws(StorageError) {
        do {
            // The last connection that closes takes the log away, which one that only reads cannot, and the pool closes
            // those last.
            pool.invalidateReadOnlyConnections()
            try pool.close()
        } catch {
            throw StorageError(error, store: path)
        }
    }

    public func position() async throws(StorageError) -> FoldPosition? {
        try await read { try PositionTable.position(in: $0) }
    }

    @discardableResult
    public func fold(
        _ batch: RecordBatch, declared: DeclaredNames, advancingTo position: FoldPosition, over time: Duration
    ) async throws(StorageError) -> FoldOverflow {
        try await write { [limits, path] database in
            guard try position.isAhead(of: PositionTable.position(in: database), in: path) else {
                return FoldOverflow()
            }
            var interner = try DimensionInterner(
                SQLiteDimensionTable(database: database), limits: limits, declared: declared)
            try FoldBatch(batch, naming: &interner).store(
                in: database, pace: FoldPace(records: batch.entries.count, over: time))
            try PositionTable.set(position, in: database)
            return interner.overflow
        }
    }

    public func makeDurable() async throws(StorageError) {
        try await writeWithoutTransaction { try Checkpoint.syncLog(of: $0) }
    }

    /// Changes the store in one transaction, or not at all.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        try await writeWithoutTransaction { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(database)
                return .commit
            }
            guard let value else { throw CancellationError() }
            return value
        }
    }

    /// Does something on the connection that writes.
    func writeWithoutTransaction<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.writeWithoutTransaction { [path] database in
                QuietThread.yieldToOthers()
                do {
                    return try body(database)
                } catch {
                    // Here, because only the connection knows whether it was room that lacked.
                    throw StorageError(error, store: path, in: database)
                }
            }
        } catch {
            throw StorageError(error, store: path)
        }
    }

    /// Reads one state of the store, untouched by folds that happen meanwhile.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StorageError(error, store: path)
        }
    }
}

/// How the store's connections are set up.
private enum ConnectionSettings {
    /// Reports that are read at the same time; further ones wait for each other.
    private static let readersMax = 4
    /// What a connection may keep of the file in memory. The folds' connection visits each page of a sorted batch once,
    /// so this has to hold the upper levels of the tree and little more; 24 MiB for all connections together.
    private static let writerCacheKibibytes = 16 * 1024
    private static let readerCacheKibibytes = 2 * 1024
    /// What the log keeps of the disk once a fold that made it longer is copied: 64 MiB.
    private static let logBytesKept = 64 * 1024 * 1024

    static func configuration(file: String, pagesMax: Int?, logBounds: LogBounds) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.maximumReaderCount = readersMax
        configuration.writeTargetQueue = QuietThread.queue(label: "store writer")
        // Nobody else uses the file, but an operator may look into it with the sqlite3 command.
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { database in
            try TemporaryFiles.avoid(in: database)
            if database.configuration.readonly {
                try database.execute(sql: "PRAGMA cache_size = -\(readerCacheKibibytes)")
                return
            }
            // Here, because GRDB turns the file into WAL mode next, which must not happen to somebody else's.
            if try Schema.isMissing(from: database, file: file) { try SparePages.allow(in: database) }
            try database.execute(sql: "PRAGMA cache_size = -\(writerCacheKibibytes)")
            // What is erased is overwritten.
            _ = try Int.fetchOne(database, sql: "PRAGMA secure_delete = ON")
            _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = \(logBytesKept)")
            if let pagesMax { _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pagesMax)") }
            Checkpoint.install(on: database, bounds: logBounds)
        }
        return configuration
    }
}

/// The one row that says how far the store has counted.
private enum PositionTable {
    static func position(in database: Database) throws -> FoldPosition? {
        let row = try Row.fetchOne(database, sql: "SELECT journal_id, sequence, checksum FROM fold_position")
        return try row.map {
            FoldPosition(journalID: try $0.number128(0), sequence: try $0.integer(1), checksum: try $0.number128(2))
        }
    }

    static func set(_ position: FoldPosition, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO fold_position (id, journal_id, sequence, checksum) VALUES (0, ?, ?, ?)",
            arguments: [position.journalID.bigEndianBytes, position.sequence, position.checksum.bigEndianBytes])
    }
}

extension StorageError {
    /// What an error means for the store in the file `store`. Errors of the store's own pass unchanged.
    ///
    /// - Parameter database: the connection that failed, on its queue; nil when there is none.
    init(_ error: any Error, store: String, in database: Database? = nil) {
        switch error {
        case let error as StorageError: self = error
        case let fault as FileFault: self.init(fault, store: store)
        case let error as DatabaseError:
            self.init(FileFault(error, file: store, thing: "store", in: database), store: store)
        case is CancellationError: self = .cancelled(store: store)
        default: self = .inputOutput(store: store, reason: "\(error)")
        }
    }

    private init(_ fault: FileFault, store: String) {
        self =
            switch fault {
            case .full: .full(store: store)
            case .locked: .locked(store: store)
            case .failed(let reason): .inputOutput(store: store, reason: reason)
            case .damaged(let reason): .damaged(store: store, reason: reason)
            case .unusable(let path, let reason): .unusable(store: path, reason: reason)
            }
    }
}
