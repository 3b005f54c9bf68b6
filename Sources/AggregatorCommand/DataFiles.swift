import Aggregator
import Backup
import Daemon
import Glibc
import Journal
import Logging
import Records
import SQLiteStorage
import Storage

/// Journal and store of a data directory, from the start of the aggregator to its end, and the lock on it.
struct DataFiles: ~Copyable {
    private static let retryTime = Duration.seconds(1)

    private let directory: String
    private let limits: DimensionLimits
    private let reserve: RoomReserve
    private let logger: Logger
    private var lock: DataDirectoryLock?

    init(directory: String, limits: DimensionLimits, logger: Logger) {
        self.directory = directory
        self.limits = limits
        self.logger = logger
        reserve = RoomReserve(directory: directory)
    }

    /// Opens both and holds them against each other. On a full disk it first gives up the reserve, then waits: who ended
    /// would only be started again, and again.
    ///
    /// - Parameters:
    ///   - recounts: makes the store anew, from the journal.
    ///   - trustsClock: commits a record of nothing, so that the next start knows this clock's time as well, without a
    ///     visitor meanwhile.
    mutating func open(recounts: Bool, trustsClock: Bool) async throws -> (Journal, SQLiteOutcomeStore, Recovery) {
        var hasWaited = false
        while true {
            do {
                let opened = try await openOnce(recounts: recounts, trustsClock: trustsClock)
                reserve.take()
                return opened
            } catch  where Self.isFull(error) {
                if reserve.release() {
                    logger.warning("the disk is full; the room that was kept back for this is used to start")
                    continue
                }
                if !hasWaited {
                    logger.error("\(error); there is not even room to start, which goes on by itself")
                    hasWaited = true
                }
                Supervisor.tellStarting(forMilliseconds: 60_000)
                try await Task.sleep(for: Self.retryTime)
            }
        }
    }

    private mutating func openOnce(
        recounts: Bool, trustsClock: Bool
    ) async throws -> (Journal, SQLiteOutcomeStore, Recovery) {
        if lock == nil { lock = try DataDirectoryLock(directory: directory) }
        let path = "\(directory)/\(DataFileName.store)"
        let journal = try Journal(path: "\(directory)/\(DataFileName.journal)")
        // Else a recount that was interrupted would be over, and what only the old store had would be lost.
        let aside = "\(directory)/store.before-recount/store.sqlite"
        guard recounts || access(path, F_OK) == 0 || access(aside, F_OK) != 0 else {
            throw StorageError.unusable(
                store: path,
                reason: "it is gone, and \(aside) is there: give `rule-outcomes recount` again, which goes on")
        }
        let store = try SQLiteOutcomeStore(path: path, limits: limits)
        let recovered = try await Recovery(journal: journal, store: store, storePath: path, recounts: recounts)
        // Before anything is recorded: what is left in that place, the next restoration would take what is here for the backup's.
        if let replaced = try Restoration.settle(in: directory, nowMilliseconds: WallClock.nowMilliseconds()) {
            logger.warning(
                """
                a restoration was interrupted; what it had moved is in \(replaced). Where the backup is to be in place, stop the \
                aggregator and restore it again
                """)
        }
        if trustsClock {
            try journal.append(
                batch: Record.nothing(id: .random()), recordCount: 1, nowMilliseconds: WallClock.nowMilliseconds())
        }
        return (journal, store, recovered)
    }

    /// Closes both, so that nothing of them is left but the two files themselves.
    func close(_ journal: Journal, _ store: SQLiteOutcomeStore) {
        for close in [store.close, journal.close] as [() throws -> Void] {
            do {
                try close()
            } catch {
                logger.error("\(error)")
            }
        }
        // Of what the logs took.
        reserve.take()
    }

    private static func isFull(_ error: any Error) -> Bool {
        switch error {
        case JournalError.full, StorageError.full, BackupError.noRoom: true
        default: false
        }
    }
}
