import Journal
import Logging
import Records
import ServiceLifecycle
import Storage

/// Subjects that are to be erased, from whoever asks to whoever does it.
struct ErasureRequest: Sendable {
    let subjects: Set<Subject>
    /// Called with what is being done, or waited for, in words.
    let progress: @Sendable (String) -> Void
    /// Called with how many there were to erase, once nothing is left of them.
    let reply: @Sendable (Int) -> Void
}

/// Erases subjects from journal and store, one request after the other, so that each is told its own numbers.
///
/// What was durable when it was asked for is counted first. Then the journal loses the records, or all that is folded would
/// come back from there to a store that is made anew; then the store loses the rows, and counts them. At last both files
/// are overwritten wherever they still hold what was erased, and only then is it said that nothing is left. The store
/// notes what is under way, so a start after a death midway goes on with it.
struct Eraser {
    private struct Erasure {
        enum Stage {
            case noting
            case erasing
            case overwritingJournal
            case overwritingStore
        }

        /// Nil where a process before this one was asked.
        let request: ErasureRequest?
        /// A sync may have failed there: it ends a process.
        var isResumed: Bool { request == nil }
        /// Whose rows the store still has.
        var subjects: [Subject]
        var stage: Stage
        /// Up to where the journal has been gone through.
        var journalDone: JournalPosition?
        var count = 0
    }

    /// How many subjects the store erases at once. Each takes a look for every rule version.
    private static let subjectsAtOnce = 50
    /// How long folds wait for the store to be gone through.
    private static let patience = Duration.seconds(1)

    private let journal: Journal
    private let store: any OutcomeStore
    private let disk: DiskQueue
    private let inbox: FoldInbox
    private let logger: Logger
    private var current: Erasure?
    private var hasLookedBack = false
    private var obstacle: Obstacle?

    init(journal: Journal, store: any OutcomeStore, disk: DiskQueue, inbox: FoldInbox, logger: Logger) {
        self.journal = journal
        self.store = store
        self.disk = disk
        self.inbox = inbox
        self.logger = logger
    }

    /// Does the next piece, if there is any.
    ///
    /// - Parameter folded: what the store has counted; all that was durable when the step before returned.
    mutating func step(folded: JournalPosition) async throws -> KeepingStep {
        if let obstacle, !obstacle.isOver { return .waiting(obstacle.reason) }
        obstacle = nil
        do {
            return try await advance(folded: folded)
        } catch {
            guard let obstacle = Obstacle(error) else { throw error }
            return wait(for: obstacle)
        }
    }

    private mutating func wait(for obstacle: Obstacle) -> KeepingStep {
        self.obstacle = obstacle
        tellWaiting(for: obstacle.reason)
        return .waiting(obstacle.reason)
    }

    /// Tells whoever has asked for an erasure what it waits for.
    func tellWaiting(for reason: String) {
        let text = "waiting: \(reason)"
        current?.request?.progress(text)
        inbox.tellErasures(text)
    }

    private mutating func advance(folded: JournalPosition) async throws -> KeepingStep {
        guard let erasure = try await next() else { return .idle }
        current = erasure
        switch erasure.stage {
        case .noting:
            erasure.request?.progress("counting what is recorded already")
            try await store.noteErasure(of: Set(erasure.subjects))
            current?.stage = .erasing
        case .erasing:
            // Before the journal loses what has been folded since.
            try await store.makeDurable()
            guard try await eraseFromJournal(erasure, through: folded) else { break }
            try await eraseFromStore(erasure)
            if current?.subjects.isEmpty == true { current?.stage = .overwritingJournal }
        case .overwritingJournal:
            erasure.request?.progress("overwriting what is left in the files")
            if let holder = try await disk.run({ [journal] in
                try journal.overwriteErased(again: erasure.isResumed)
            }) {
                return wait(for: Obstacle(holder))
            }
            current?.stage = .overwritingStore
        case .overwritingStore:
            if let holder = try await store.overwriteForgotten(again: erasure.isResumed) {
                return wait(for: Obstacle(holder))
            }
            try await store.finishErasure()
            logger.info("an erasure is done, of \(erasure.count) rows in the store")
            erasure.request?.reply(erasure.count)
            current = nil
        }
        return .more
    }

    private mutating func next() async throws -> Erasure? {
        if let current { return current }
        if !hasLookedBack {
            let left = try await store.unfinishedErasure()
            hasLookedBack = true
            if let left {
                logger.notice("an erasure that was under way when the aggregator ended goes on")
                return Erasure(
                    request: nil, subjects: Array(left), stage: left.isEmpty ? .overwritingJournal : .erasing)
            }
        }
        return inbox.takeErasure().map { Erasure(request: $0, subjects: Array($0.subjects), stage: .noting) }
    }

    /// False when there is more of the journal to go through than others can wait for.
    private mutating func eraseFromJournal(
        _ erasure: Erasure, through end: JournalPosition
    ) async throws -> Bool {
        let subjects = Set(erasure.subjects)
        let begin = erasure.journalDone ?? journal.start
        erasure.request?.progress("erasing from the journal, commit \(begin.sequence) of \(end.sequence)")
        let done = try await JournalSweep(journal: journal, disk: disk).erase(after: begin, through: end) { batch in
            try Record.erase(subjects, in: &batch)
        }
        current?.journalDone = done
        return done.sequence >= end.sequence
    }

    /// Leaves the rest for the next time when there are more than others can wait for. Whoever comes again meanwhile is
    /// recorded behind what is folded, and so is new to the store.
    private mutating func eraseFromStore(_ erasure: Erasure) async throws {
        var subjects = erasure.subjects
        let start = ContinuousClock.now
        erasure.request?.progress("erasing from the store, pseudonyms to go: \(subjects.count)")
        while !subjects.isEmpty, .now - start < Self.patience, !Task.isShuttingDownGracefully {
            let some = Array(subjects.suffix(Self.subjectsAtOnce))
            let count = try await store.forget(some)
            subjects.removeLast(some.count)
            current?.count += count
            current?.subjects = subjects
        }
    }
}
