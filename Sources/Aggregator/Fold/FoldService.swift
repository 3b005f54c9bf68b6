import Journal
import Logging
import Records
import ServiceLifecycle
import Storage

/// Adds what the journal holds to the store, in order, each commit exactly once.
public struct FoldService<Store: OutcomeStore>: Service {
    /// How long commits gather before they are folded together.
    private static var gatheringTime: Duration { .milliseconds(200) }
    /// How long to wait before trying again when the store has no room.
    private static var retryTime: Duration { .seconds(1) }

    private let journal: Journal
    private let store: Store
    private let progress: FoldProgress
    private let signal: FoldSignal
    private let logger: Logger

    /// Folds from `progress` on, whenever `signal` says that there is something new.
    public init(journal: Journal, store: Store, progress: FoldProgress, signal: FoldSignal, logger: Logger) {
        self.journal = journal
        self.store = store
        self.progress = progress
        self.signal = signal
        self.logger = logger
    }

    /// Folds until the process is asked to stop, then once more, and returns. Throws when the store or the journal can be
    /// used no more.
    public func run() async throws {
        signal.send()
        try await withGracefulShutdownHandler {
            for await _ in signal.stream {
                try await fold()
                try? await Task.sleep(for: Self.gatheringTime)
            }
        } onGracefulShutdown: { [signal] in
            signal.finish()
        }
        try await fold()
    }

    /// Folds all that is there. A store without room is tried again later: the journal keeps what it has not taken.
    private func fold() async throws {
        while case let rows = try journal.rows(after: progress.position), let last = rows.last {
            do {
                try await store.fold(try records(of: rows), advancingTo: FoldPosition(last.position, of: journal))
                progress.set(last.position)
            } catch StorageError.full(let store) {
                logger.error("\(StorageError.full(store: store))")
                // The journal keeps what is not folded, and the next start goes on from there.
                if Task.isShuttingDownGracefully { return }
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.retryTime) }
            }
        }
    }

    private func records(of rows: [JournalRow]) throws -> [Record] {
        var records: [Record] = []
        for row in rows {
            do {
                records += try row.batch.withUnsafeBytes { try Record.decodeAll($0) }
            } catch {
                throw RecoveryError.unreadable(
                    journal: journal.path, sequence: row.position.sequence, reason: "\(error)")
            }
        }
        return records
    }
}

extension FoldPosition {
    init(_ position: JournalPosition, of journal: Journal) {
        self.init(journalID: journal.identity.value, sequence: position.sequence, checksum: position.checksum)
    }
}
