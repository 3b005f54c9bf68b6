import EventLoop
import ForwardProtocol
import Journal
import Logging
import Logs
import Records

/// Makes records durable: all that arrived in one turn of the loop in one commit, with one sync, before the turn ends. What
/// arrives meanwhile gathers in the sockets, and is the next commit.
///
/// Answers come in the order of the submissions. What is in the journal already is answered for and not added again.
actor GroupCommit: LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    /// Called on the loop's thread.
    typealias Reply = @Sendable (AggregatorFrame) -> Void

    private struct Submission {
        let records: EncodedRecords
        let reply: Reply
    }

    private static let batchBytesMax = 8 << 20

    nonisolated let loop: EventLoop
    private let journal: Journal
    private let statistics: AggregatorStatistics
    private let clock: SoundClock
    private let logger: Logger
    private var waiting: [Submission] = []
    private var isStopped = false
    private var window: RecordIDWindow
    private let onCommit: @Sendable (JournalRow) -> Void
    private let onFailure: @Sendable (JournalError) -> Void

    /// It lives on `loop`, which the caller runs. `window` holds the ids of the journal's latest records. `onCommit` is called
    /// after every commit, `onFailure` once, when the journal can be used no more: nothing is answered from then on.
    init(
        loop: EventLoop, journal: Journal, window: RecordIDWindow, statistics: AggregatorStatistics, clock: SoundClock,
        logger: Logger, onCommit: @escaping @Sendable (JournalRow) -> Void,
        onFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.loop = loop
        self.journal = journal
        self.window = window
        self.statistics = statistics
        self.clock = clock
        self.logger = logger
        self.onCommit = onCommit
        self.onFailure = onFailure
    }

    /// Takes records in; `reply` is called once they are durable or refused, with the next `commitWaiting()`.
    func submit(_ records: EncodedRecords, reply: @escaping Reply) {
        if !isStopped { waiting.append(Submission(records: records, reply: reply)) }
    }

    /// Commits all that was submitted, and answers.
    func commitWaiting() {
        while !waiting.isEmpty, !isStopped {
            var byteCount = 0
            let count = waiting.prefix { submission in
                byteCount += submission.records.bytes.count
                return byteCount <= Self.batchBytesMax
            }.count
            let taken = Array(waiting.prefix(max(1, count)))
            waiting.removeFirst(taken.count)
            commit(taken)
        }
    }

    private func commit(_ submissions: [Submission]) {
        var batch = Batch()
        for submission in submissions { batch.add(submission.records, unlessIn: window) }
        do throws(JournalError) {
            if batch.recordCount > 0 {
                let start = ContinuousClock.now
                let now = clock.nowMilliseconds
                let position = try journal.append(
                    batch: batch.bytes, recordCount: batch.recordCount, nowMilliseconds: now)
                statistics.committed(
                    records: batch.recordCount, bytes: batch.bytes.count, duplicates: batch.duplicateCount,
                    took: .now - start)
                for id in batch.ids { window.insert(id) }
                onCommit(
                    JournalRow(
                        position: position, recordCount: batch.recordCount, committedMilliseconds: now,
                        batch: batch.bytes))
            } else {
                statistics.repeated(records: batch.duplicateCount)
            }
            answer(submissions) { .committed($0) }
        } catch  where error.isTemporary {
            statistics.refused(records: batch.recordCount, error: error, to: logger)
            answer(submissions) { .refused($0, .journalFull) }
        } catch {
            isStopped = true
            waiting = []
            // At once: a disk that fails may hold up all that is still to end.
            logger.critical("\(error)")
            onFailure(error)
        }
    }

    private func answer(_ submissions: [Submission], _ frame: (UInt32) -> AggregatorFrame) {
        for submission in submissions { submission.reply(frame(UInt32(submission.records.count))) }
    }
}
