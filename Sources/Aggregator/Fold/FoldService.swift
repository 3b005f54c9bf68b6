import Journal
import Logging
import Records
import ServiceLifecycle
import Storage
import Synchronization

/// Adds what the journal holds to the store, in order, each commit exactly once.
public final class FoldService<Store: OutcomeStore>: Service {
    /// How long commits gather before they are folded together.
    private static var gatheringTime: Duration { .milliseconds(200) }
    /// How long to wait before trying again when the store has no room.
    private static var retryTime: Duration { .seconds(1) }
    /// How long folding may go on once the process is asked to stop.
    private static var stoppingTime: Duration { .seconds(2) }

    /// How often what has been kept for long enough is looked for when nothing else happens.
    private static var upkeepTime: Duration { .seconds(600) }

    private let journal: Journal
    private let store: Store
    private let declared: @Sendable () -> DeclaredNames
    private let inbox: FoldInbox
    private let progress: FoldProgress
    private let statistics: AggregatorStatistics
    private let clock: SoundClock
    private let recordIDsKept: Int
    private let logger: Logger
    /// For the journal; the store has queues of its own.
    private let disk = DiskQueue(label: "fold")
    /// What the store was told last; nil before the first time.
    private let inForce = Mutex<DeclaredNames?>(nil)

    /// Folds from `progress` on, whenever the inbox signals that there is something new, and does what it asks for. `declared`
    /// tells what is declared; a change of it has to be signalled, too.
    ///
    /// - Parameter recordIDsKept: the journal's latest so many records stay, however old.
    public init(
        journal: Journal, store: Store, declared: @escaping @Sendable () -> DeclaredNames = { .none },
        inbox: FoldInbox, progress: FoldProgress,
        statistics: AggregatorStatistics, clock: SoundClock, recordIDsKept: Int = Limits.recordIDWindow, logger: Logger
    ) {
        self.journal = journal
        self.store = store
        self.declared = declared
        self.inbox = inbox
        self.progress = progress
        self.statistics = statistics
        self.clock = clock
        self.recordIDsKept = recordIDsKept
        self.logger = logger
    }

    /// Folds until the process is asked to stop, then for a moment more, and returns; what is left is folded after the
    /// next start. Throws when the journal, or the disk of either, can be used no more.
    public func run() async throws {
        inbox.signal.send()
        let timer = Task { [inbox] in
            while (try? await Task.sleep(for: Self.upkeepTime)) != nil { inbox.signal.send() }
        }
        defer { timer.cancel() }
        var eraser = Eraser(journal: journal, store: store, disk: disk, erasures: inbox.erasures, logger: logger)
        var upkeep = Upkeep(journal: journal, store: store, disk: disk, recordIDsKept: recordIDsKept, logger: logger)
        try await withGracefulShutdownHandler {
            for await _ in inbox.signal.stream {
                let obstacle = try await fold(until: nil)
                if let obstacle { eraser.tellWaiting(for: obstacle) }
                let hasMore = obstacle == nil ? try await keep(&eraser, &upkeep) : true
                if hasMore { inbox.signal.send() }
                try? await Task.sleep(for: obstacle == nil ? Self.gatheringTime : Self.retryTime)
            }
        } onGracefulShutdown: { [inbox] in
            inbox.signal.finish()
        }
        _ = try await fold(until: .now + Self.stoppingTime)
    }

    /// Erases what is asked for, and a piece of what has been kept for long enough; true when there is more to do at once.
    private func keep(_ eraser: inout Eraser, _ upkeep: inout Upkeep<Store>) async throws -> Bool {
        var isErasing = false
        switch try await eraser.step(folded: progress.position) {
        case .idle: break
        case .more: return true
        case .waiting(let reason):
            isErasing = true
            statistics.log("erasing", "an erasure waits: \(reason)", to: logger)
        }
        let time = clock.reading
        // Nothing is erased for good by a clock that may be wrong.
        guard time.doubtMilliseconds == nil else { return isErasing }
        do {
            let hasMore = try await upkeep.step(
                folded: progress.position, declared: declared(), nowMilliseconds: time.milliseconds)
            return hasMore || isErasing
        } catch {
            try log(obstacle: error)
            upkeep.giveUp()
            return isErasing
        }
    }

    /// Folds all that is there, but begins nothing after `deadline`; tells what is in the way when the store cannot take it
    /// now. It can be tried again any time, after a restart too: the journal keeps what the store has not taken.
    private func fold(until deadline: ContinuousClock.Instant?) async throws -> String? {
        repeat {
            let moment = clock.nowMilliseconds
            let goal = journal.lastPosition
            do {
                for (epoch, since) in inbox.epochs.take() { try await store.note(epoch, fromMilliseconds: since) }
                try await foldNextRows()
                try await noteAnswers()
            } catch {
                try log(obstacle: error)
                return "\(error)"
            }
            if progress.position.sequence >= goal.sequence {
                progress.catchUp(to: moment) { journal.lastPosition }
                return nil
            }
        } while deadline.map { .now < $0 } ?? true
        return nil
    }

    /// Logs an error that may be over the next time, and throws any other.
    private func log(obstacle error: any Error) throws {
        switch error {
        case let error as StorageError where error.isTemporary || error.isDamage:
            // A damaged store keeps nobody from recording: the journal has what it lacks.
            statistics.log("store", "\(error)", level: .error, to: logger)
        case let error as JournalError where error.isTemporary:
            statistics.log("journal", "\(error)", level: .error, to: logger)
        default: throw error
        }
    }

    /// Brings what is declared into force before what comes next is counted.
    private func declareChanges() async throws {
        let declared = declared()
        guard declared != inForce.withLock({ $0 }) else { return }
        try await store.declare(declared, nowMilliseconds: clock.nowMilliseconds)
        inForce.withLock { $0 = declared }
    }

    /// After the records that they were given to, since an outcome has to be known. They are informative: while the store cannot
    /// take them, all else goes on.
    private func noteAnswers() async throws {
        let answers = declared().resolvingFeatures(inbox.answers.take())
        guard !answers.isEmpty else { return }
        do {
            try await store.note(answers)
        } catch {
            try log(obstacle: error)
            inbox.answers.giveBack(answers)
        }
    }

    private func foldNextRows() async throws {
        try await declareChanges()
        let declared = declared()
        let rows = try await nextRows()
        guard let end = rows.last else { return }
        let position = FoldPosition(end.position, of: journal)
        let records = declared.resolvingFeatures(try records(of: rows))
        statistics.folded(records, try await store.fold(records, declared: declared, advancingTo: position))
        progress.set(end.position, committedMilliseconds: end.committedMilliseconds)
    }

    private func nextRows() async throws -> [JournalRow] {
        if let rows = inbox.commits.take(after: progress.position) { return rows }
        return try await disk.run { [journal, progress] in try journal.rows(after: progress.position) }
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
