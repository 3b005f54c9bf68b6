import EventLoop
import Journal
import Logging
import Records
import Synchronization
import TestSupport

@testable import Aggregator

/// A group commit over a real journal in a directory of its own, and what comes of it.
struct CommitUnderTest: Sendable {
    let directory: TemporaryDirectory
    let journal: Journal
    let statistics = AggregatorStatistics()
    let log = LogRecorder()
    let outcome = CommitOutcome()
    let commit: SubmittedCommit

    /// `durable` are the numbers of records that stand in the journal and the window from the beginning.
    init(durable: [UInt128] = [], pagesMax: Int? = nil) throws {
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal, pagesMax: pagesMax)
        var window = RecordIDWindow(capacity: 1000)
        if !durable.isEmpty { try journal.append(durable) }
        for number in durable { window.insert(RecordID(number)) }
        commit = try SubmittedCommit(
            journal: journal, window: window, statistics: statistics, clock: SoundClock(), logger: log.logger,
            onCommit: { [outcome] _ in outcome.committed() }, onFailure: { [outcome] in outcome.failed($0) })
    }

    func submit(_ name: String, _ numbers: [UInt128]) throws {
        submit(name, try Sample.encoded(numbers))
    }

    func submit(_ name: String, _ records: EncodedRecords) {
        commit.submit(records) { [outcome] in outcome.answered(name, $0) }
    }

    /// Submits all of these while the journal is at work with another record, number 0, so that they wait together.
    func submitTogether(_ submissions: [(name: String, records: EncodedRecords)]) async throws {
        commit.submit(try Sample.encoded([0])) { _ in
            for submission in submissions { submit(submission.name, submission.records) }
        }
        await commit.drain()
    }
}

/// A group commit on a loop of its own, to which anybody may submit.
final class SubmittedCommit: Sendable {
    private let loop: EventLoop
    private let commit: GroupCommit
    private let submissions = Mutex<[(records: EncodedRecords, reply: GroupCommit.Reply)]>([])

    init(
        journal: Journal, window: RecordIDWindow, statistics: AggregatorStatistics, clock: SoundClock, logger: Logger,
        onCommit: @escaping @Sendable (JournalRow) -> Void, onFailure: @escaping @Sendable (JournalError) -> Void
    ) throws {
        loop = try EventLoop()
        commit = GroupCommit(
            loop: loop, journal: journal, window: window, statistics: statistics, clock: clock,
            pace: CommitPace(), logger: logger, onCommit: onCommit, onFailure: onFailure)
        try loop.startThread()
    }

    deinit {
        let loop = loop
        Task { await loop.stop() }
    }

    /// From a reply it is submitted at once, and from elsewhere with `drain()`.
    func submit(_ records: EncodedRecords, reply: @escaping GroupCommit.Reply) {
        if loop.executor.isIsolatingCurrentContext() == true {
            commit.assumeIsolated { $0.submit(records, reply: reply) }
        } else {
            submissions.withLock { $0.append((records, reply)) }
        }
    }

    /// Commits what was submitted, as one turn of the loop does.
    func drain() async {
        await commit.take(
            submissions.withLock { submissions in
                defer { submissions = [] }
                return submissions
            })
    }
}

extension GroupCommit {
    fileprivate func take(_ submissions: [(records: EncodedRecords, reply: Reply)]) {
        for submission in submissions { submit(submission.records, reply: submission.reply) }
        commitWaiting()
    }
}

/// What a group commit did, in order.
final class CommitOutcome: Sendable {
    struct Answer: Equatable {
        /// The name that the submission was given.
        let name: String
        let frame: AggregatorFrame
    }

    private struct Events {
        var answers: [Answer] = []
        var commitCount = 0
        var failures: [JournalError] = []
    }

    private let events = Mutex(Events())

    var answers: [Answer] { events.withLock { $0.answers } }
    var commitCount: Int { events.withLock { $0.commitCount } }
    var failures: [JournalError] { events.withLock { $0.failures } }

    func answered(_ name: String, _ frame: AggregatorFrame) {
        events.withLock { $0.answers.append(Answer(name: name, frame: frame)) }
    }

    func committed() {
        events.withLock { $0.commitCount += 1 }
    }

    func failed(_ error: JournalError) {
        events.withLock { $0.failures.append(error) }
    }
}
