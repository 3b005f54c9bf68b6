import Aggregator
import Daemon
import Glibc
import Journal
import Logging
import SQLiteStorage
import Storage

/// Journal and store of a data directory, from the start of the aggregator to its end.
struct DataFiles {
    private static let retryTime = Duration.seconds(1)

    private let directory: String
    private let limits: DimensionLimits
    private let reserve: RoomReserve
    private let logger: Logger

    init(directory: String, limits: DimensionLimits, logger: Logger) {
        self.directory = directory
        self.limits = limits
        self.logger = logger
        reserve = RoomReserve(directory: directory)
    }

    /// Opens both and holds them against each other. On a full disk it first gives up the reserve, then waits: who ended
    /// would only be started again, and again.
    func open(recounts: Bool) async throws -> (Journal, SQLiteOutcomeStore, Recovery) {
        var hasWaited = false
        while true {
            do {
                let opened = try await openOnce(recounts: recounts)
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

    private func openOnce(recounts: Bool) async throws -> (Journal, SQLiteOutcomeStore, Recovery) {
        let path = "\(directory)/store.sqlite"
        let journal = try Journal(path: "\(directory)/journal.sqlite")
        let store = try SQLiteOutcomeStore(path: path, limits: limits)
        let recovered = try await Recovery(journal: journal, store: store, storePath: path, recounts: recounts)
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
        case JournalError.full, StorageError.full: true
        default: false
        }
    }
}
