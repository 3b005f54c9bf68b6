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
                let isDone = try await fold()
                if !isDone { signal.send() }
                try? await Task.sleep(for: isDone ? Self.gatheringTime : Self.retryTime)
            }
        } onGracefulShutdown: { [signal] in
            signal.finish()
        }
        _ = try await fold()
    }

    /// Folds all that is there; false when the store has no room for it. It can be tried again any time, after a restart
    /// too: the journal keeps what the store has not taken.
    private func fold() async throws -> Bool {
        while case let rows = try journal.rows(after: progress.position), let last = rows.last {
            do {
                try await store.fold(try records(of: rows), advancingTo: FoldPosition(last.position, of: journal))
                progress.set(last.position)
            } catch StorageError.full(let store) {
                logger.error("\(StorageError.full(store: store))")
                return false
            }
        }
        return true
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
