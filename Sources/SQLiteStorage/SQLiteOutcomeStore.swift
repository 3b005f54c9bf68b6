import GRDB
import struct Records.Record
import Storage

/// The embedded store: one SQLite file, which belongs to one aggregator.
///
/// Folds go through one connection and reports through others, so that neither waits for the other. A report reads
/// totals that the folds keep, so its cost grows with the outcomes and never with the subjects.
///
/// The file is in WAL mode with `synchronous = NORMAL`. It stays whole when the power fails, but the last folds may be
/// gone; the position goes back with them, because it is stored in the same transaction, and the same records are
/// folded again. That needs the journal to keep its rows for a while after they are folded, which it does for days.
public final class SQLiteOutcomeStore: OutcomeStore {
    /// The file, as errors name it.
    public let path: String
    let pool: DatabasePool
    let limits: DimensionLimits

    /// Opens the store at `path`, or creates it with mode 0600.
    ///
    /// - Parameter pagesMax: how many pages of 4 KiB the file may hold before it counts as full; nil leaves that to
    ///   the disk.
    public init(
        path: String, limits: DimensionLimits = DimensionLimits(), pagesMax: Int? = nil
    ) throws(StorageError) {
        try StoreFile.createIfMissing(path)
        do {
            pool = try DatabasePool(
                path: path, configuration: ConnectionSettings.configuration(file: path, pagesMax: pagesMax))
            try pool.writeWithoutTransaction { try Schema.createIfMissing(in: $0) }
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
        _ records: [Record], declared: DeclaredNames, advancingTo position: FoldPosition
    ) async throws(StorageError) -> FoldOverflow {
        try await write { [limits, path] database in
            guard try position.isAhead(of: PositionTable.position(in: database), in: path) else {
                return FoldOverflow()
            }
            var interner = try DimensionInterner(database: database, limits: limits, declared: declared)
            let batch = try FoldBatch(records, naming: &interner)
            try batch.store(in: database)
            try PositionTable.set(position, in: database)
            return interner.overflow
        }
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
