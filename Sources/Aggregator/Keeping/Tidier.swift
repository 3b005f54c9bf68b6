import Glibc
import Journal
import Logging
import Records
import ServiceLifecycle
import Storage

/// What is to become of rule versions and outcomes, from whoever asks to whoever does it.
struct TidyRequest: Sendable {
    enum Answer: Equatable, Sendable {
        /// It is done, and so many of the parts were there.
        case done(Int)
        /// Nothing was done, for this reason.
        case declined(String)
    }

    let tidying: Tidying
    /// The user whose process asks, for the log.
    let user: uid_t
    /// Called with what is being done, or waited for, in words.
    let progress: @Sendable (String) -> Void
    let reply: @Sendable (Answer) -> Void
}

/// Hides, shows and deletes rule versions and outcomes, one request after the other.
///
/// What was durable when a deletion was asked for is counted first. Then, in one transaction, the store lets go of the names
/// and notes up to which commit the journal is to lose their records: from there on they are counted anew, while a store that
/// is made anew from the journal must not count what was before. Then the journal loses those records, and the store the
/// rows. Only then is it said to be done. A start after a death midway goes on with it.
struct Tidier {
    private struct Work {
        enum Stage {
            /// Until all is counted that was durable when it was asked for.
            case counting
            case erasing(Deletion)
            case purging
        }

        /// Nil where a process before this one was asked.
        let request: TidyRequest?
        var stage: Stage
        /// Whether the store has a note of it.
        var isNoted = false
        var count = 0
        /// Up to where the journal has been gone through.
        var journalDone: JournalPosition?
        var place: ExpiryPlace?
        var rowsRemoved = 0
    }

    /// How many rows the store looks at in one transaction.
    private static let rowsAtOnce = 2000
    /// How long folds wait for the store to be gone through.
    private static let patience = Duration.seconds(1)
    /// How many names the log has of a request's.
    private static let namesLogged = 10

    private let journal: Journal
    private let store: any OutcomeStore
    private let disk: DiskQueue
    private let inbox: FoldInbox
    private let logger: Logger
    private var current: Work?
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
    /// - Parameters:
    ///   - folded: what the store has counted; all that was durable when the step before returned.
    ///   - declared: what is in force.
    mutating func step(folded: JournalPosition, declared: DeclaredNames) async throws -> KeepingStep {
        if let obstacle, !obstacle.isOver { return .waiting(obstacle.reason) }
        obstacle = nil
        do {
            return try await advance(folded: folded, declared: declared)
        } catch {
            guard let obstacle = Obstacle(error) else { throw error }
            self.obstacle = obstacle
            tellWaiting(for: obstacle.reason)
            return .waiting(obstacle.reason)
        }
    }

    /// Tells whoever has asked what it waits for.
    func tellWaiting(for reason: String) {
        let text = "waiting: \(reason)"
        current?.request?.progress(text)
        inbox.tellTidyings(text)
    }

    private mutating func advance(folded: JournalPosition, declared: DeclaredNames) async throws -> KeepingStep {
        guard let work = try await next() else { return .idle }
        switch work.stage {
        case .counting:
            // Of a new request there may be more that is durable than is folded.
            if current == nil, work.request?.tidying.action == .delete {
                current = work
                work.request?.progress("counting what is recorded already")
                return .more
            }
            current = work
            try await begin(work, folded: folded, declared: declared)
        case .erasing(let deletion):
            current = work
            if try await eraseFromJournal(deletion, of: work) { current?.stage = .purging }
        case .purging:
            current = work
            if try await purge(work) {
                if work.isNoted { try await store.finishDeletion() }
                finish(.done(work.count))
            }
        }
        return .more
    }

    private mutating func next() async throws -> Work? {
        if let current { return current }
        if !hasLookedBack {
            let left = try await store.unfinishedDeletion()
            hasLookedBack = true
            if left != nil { logger.notice("a deletion that was under way when the aggregator ended goes on") }
            // Where nothing is left to remove, this is over at once.
            return Work(request: nil, stage: left.map(Work.Stage.erasing) ?? .purging, isNoted: left != nil)
        }
        return inbox.takeTidying().map { Work(request: $0, stage: .counting) }
    }

    private mutating func begin(_ work: Work, folded: JournalPosition, declared: DeclaredNames) async throws {
        guard let request = work.request else { return }
        let (action, parts) = (request.tidying.action, request.tidying.parts)
        // A rule version that is not listed can be read, and so can its groups.
        let kept = action == .delete ? parts : action == .hide ? parts.filter { $0.outcomeID != nil } : []
        if let (part, group) = declared.group(comparing: kept) {
            return finish(
                .declined(
                    "the declared group '\(group)' compares it: take the group out of the rules, reload the aggregator, then "
                        + "ask again; rule version \(part.ruleID)"))
        }
        log(request)
        switch action {
        case .hide, .show:
            finish(.done(try await store.setHidden(action == .hide, parts)))
        case .delete:
            let deletion = Deletion(declared.recordedParts(of: parts), through: folded.sequence)
            let count = try await store.delete(parts, noting: deletion)
            current?.count = count
            current?.stage = .erasing(deletion)
            current?.isNoted = true
        }
    }

    /// False when there is more of the journal to go through than others can wait for.
    private mutating func eraseFromJournal(_ deletion: Deletion, of work: Work) async throws -> Bool {
        guard let end = try journal.position(at: deletion.sequence), end.sequence > journal.start.sequence else {
            // All of that has gone.
            return true
        }
        let parts = RuleParts(deletion.parts)
        let begin = work.journalDone ?? journal.start
        work.request?.progress("deleting from the journal, commit \(begin.sequence) of \(end.sequence)")
        let done = try await JournalSweep(journal: journal, disk: disk).erase(after: begin, through: end) { batch in
            try Record.erase(parts, in: &batch)
        }
        current?.journalDone = done
        return done.sequence >= end.sequence
    }

    /// False when there are more rows than others can wait for.
    private mutating func purge(_ work: Work) async throws -> Bool {
        let start = ContinuousClock.now
        var place = work.place
        work.request?.progress("deleting from the store, rows gone: \(work.rowsRemoved)")
        while .now - start < Self.patience, !Task.isShuttingDownGracefully {
            let (removed, next) = try await store.purge(from: place, rowsMax: Self.rowsAtOnce)
            guard let next else { return true }
            place = next
            current?.place = next
            current?.rowsRemoved += removed
        }
        return false
    }

    private mutating func finish(_ answer: TidyRequest.Answer) {
        if let rows = current?.rowsRemoved, rows > 0 { logger.info("a deletion is done, of \(rows) rows in the store") }
        current?.request?.reply(answer)
        current = nil
    }

    /// Who has asked for what. Ids are a page's to choose, so of many there are few here.
    private func log(_ request: TidyRequest) {
        let parts = request.tidying.parts
        let names = parts.prefix(Self.namesLogged).map { part in
            "'\(part.ruleID)'\(part.outcomeID.map { ", outcome '\($0)'," } ?? "") of '\(part.site)'"
        }
        let rest = parts.count > names.count ? " and \(parts.count - names.count) more" : ""
        logger.notice(
            "user \(request.user) asks to \(request.tidying.action): \(names.joined(separator: "; "))\(rest)")
    }
}
