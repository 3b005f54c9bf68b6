import Dispatch
import Journal
import Logging
import Records
import ServiceLifecycle
import Storage
import Synchronization

/// Adds what the journal holds to the store, in order, each commit exactly once.
public final class FoldService: Service {
    /// How long commits gather before they are folded together. The more of them, the fewer pages of the store are written
    /// for each; and a report that is at most a second behind leaves as much again for the fold itself.
    private static let gatheringTime = Duration.milliseconds(500)
    /// For how long of that a fold of what has just come may rest, so that it does not keep a processor to itself.
    private static let foldRestTime = Duration.milliseconds(250)
    /// The same while something is erased piece by piece.
    private static let keepingTime = Duration.milliseconds(200)
    /// How long to wait before trying again when the store has no room.
    private static let retryTime = Duration.seconds(1)
    /// How long folding may go on once the process is asked to stop.
    private static let stoppingTime = Duration.seconds(2)
    /// How many records of a backlog are folded together. They are spread over all of the store, so the more there are, the more
    /// of them share each page that is read and written; each takes 32 bytes of memory meanwhile.
    private static let recordsMax = 1 << 19
    /// The same where less has to do: once the process is asked to stop, and where the last fold found no room.
    private static let recordsMaxWhenShort = 1 << 16
    /// How often what has been kept for long enough is looked for when nothing else happens.
    private static let upkeepTime = Duration.seconds(600)

    private let journal: Journal
    private let store: any OutcomeStore
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
        journal: Journal, store: any OutcomeStore, declared: @escaping @Sendable () -> DeclaredNames = { .none },
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
        inbox.somethingIsNew()
        let timer = Task { [inbox] in
            while (try? await Task.sleep(for: Self.upkeepTime)) != nil { inbox.somethingIsNew() }
        }
        defer { timer.cancel() }
        var eraser = Eraser(journal: journal, store: store, disk: disk, inbox: inbox, logger: logger)
        var tidier = Tidier(journal: journal, store: store, disk: disk, inbox: inbox, logger: logger)
        var upkeep = Upkeep(journal: journal, store: store, disk: disk, recordIDsKept: recordIDsKept, logger: logger)
        var recordsMax = Self.recordsMax
        try await withGracefulShutdownHandler {
            for await _ in inbox.signals {
                let start = ContinuousClock.now
                // A fold of a backlog takes seconds. Who is asked to stop gives it up, and nothing of it is stored.
                let obstacle = try await cancelWhenGracefulShutdown { [recordsMax] in
                    try await self.fold(recordsMax: recordsMax, until: nil)
                }
                recordsMax = obstacle == nil ? Self.recordsMax : Self.recordsMaxWhenShort
                if let obstacle {
                    eraser.tellWaiting(for: obstacle)
                    tidier.tellWaiting(for: obstacle)
                }
                let hasMore = obstacle == nil ? try await keep(&eraser, &tidier, &upkeep) : true
                if hasMore { inbox.somethingIsNew() }
                // What came while the fold rested has gathered, too.
                let gatheringTime = max(Self.gatheringTime / 2, Self.gatheringTime - (.now - start))
                let restTime = hasMore ? Self.keepingTime : gatheringTime
                // Who is asked to stop does not gather any more.
                try? await cancelWhenGracefulShutdown {
                    try await Task.sleep(for: obstacle == nil ? restTime : Self.retryTime)
                }
            }
        } onGracefulShutdown: { [inbox] in
            inbox.finish()
        }
        _ = try await fold(recordsMax: Self.recordsMaxWhenShort, until: .now + Self.stoppingTime)
    }

    /// Erases and tidies what is asked for, and a piece of what has been kept for long enough; true when there is more to do at
    /// once.
    func keep(_ eraser: inout Eraser, _ tidier: inout Tidier, _ upkeep: inout Upkeep) async throws -> Bool {
        var isWaiting = false
        switch try await eraser.step(folded: progress.position) {
        case .idle: break
        case .more: return true
        case .waiting(let reason):
            isWaiting = true
            statistics.log("erasing", "an erasure waits: \(reason)", to: logger)
        }
        switch try await tidier.step(folded: progress.position, declared: declared()) {
        case .idle: break
        case .more: return true
        case .waiting(let reason):
            isWaiting = true
            statistics.log("tidying", "what is to be hidden or deleted waits: \(reason)", to: logger)
        }
        // Nothing is erased for good by a clock that may be wrong.
        guard let now = clock.settledMilliseconds else { return isWaiting }
        do {
            let hasMore = try await upkeep.step(
                folded: progress.position, declared: declared(), nowMilliseconds: now)
            return hasMore || isWaiting
        } catch {
            try log(obstacle: error)
            upkeep.giveUp()
            return isWaiting
        }
    }

    /// Folds all that is there, but begins nothing after `deadline`; tells what is in the way when the store cannot take it
    /// now. It can be tried again any time, after a restart too: the journal keeps what the store has not taken.
    func fold(recordsMax: Int, until deadline: ContinuousClock.Instant?) async throws -> String? {
        repeat {
            let moment = clock.nowMilliseconds
            let goal = journal.lastPosition
            do {
                for (epoch, since) in inbox.takeEpochs() { try await store.note(epoch, fromMilliseconds: since) }
                try await foldNextRecords(max: recordsMax, isStopping: deadline != nil)
                try await noteAnswers()
            } catch StorageError.cancelled where Task.isCancelled {
                return nil
            } catch {
                try log(obstacle: error)
                return "\(error)"
            }
            if progress.position.sequence >= goal.sequence {
                progress.catchUp(to: moment) { journal.lastPosition }
                return nil
            }
        } while deadline.map { .now < $0 } ?? !Task.isCancelled
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
        let answers = declared().resolvingFeatures(inbox.takeAnswers())
        guard !answers.isEmpty else { return }
        do {
            try await store.note(answers)
        } catch {
            inbox.giveBack(answers)
            try log(obstacle: error)
        }
    }

    private func foldNextRecords(max recordsMax: Int, isStopping: Bool) async throws {
        try await declareChanges()
        let declared = declared()
        guard let (records, end, isBacklog) = try await nextRecords(max: recordsMax) else { return }
        let batch = declared.resolvingFeatures(records)
        let overflow = try await store.fold(
            batch, declared: declared, advancingTo: FoldPosition(end.position, of: journal),
            over: isBacklog || isStopping ? .zero : Self.foldRestTime)
        statistics.folded(batch, overflow)
        progress.set(end.position, committedMilliseconds: end.committedMilliseconds)
    }

    /// What follows in the journal, and the last commit of it; nil at the end. It may be some more than `recordsMax`.
    private func nextRecords(
        max recordsMax: Int
    ) async throws -> (RecordBatch, end: JournalRow, isBacklog: Bool)? {
        var batch = RecordBatch()
        if let rows = inbox.takeCommits(after: progress.position), let end = rows.last {
            try add(rows, to: &batch)
            return (batch, end, isBacklog: false)
        }
        var end: JournalRow?
        while batch.entries.count < recordsMax {
            let position = end?.position ?? progress.position
            let rows = try await disk.run { [journal] in try journal.rows(after: position) }
            guard let last = rows.last else { break }
            try add(rows, to: &batch)
            end = last
        }
        return end.map { (batch, $0, isBacklog: true) }
    }

    private func add(_ rows: [JournalRow], to batch: inout RecordBatch) throws {
        for row in rows {
            do {
                try batch.add(encoded: row.batch)
            } catch {
                throw RecoveryError.unreadable(
                    journal: journal.path, sequence: row.position.sequence, reason: "\(error)")
            }
        }
    }
}

extension FoldPosition {
    init(_ position: JournalPosition, of journal: Journal) {
        self.init(journalID: journal.identity.value, sequence: position.sequence, checksum: position.checksum)
    }
}

/// Where work is done that may wait for a disk. The threads that tasks share are as few as there are processors, and one
/// that waits is missing for all of them.
struct DiskQueue: Sendable {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Does something there, after what was asked for before.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
