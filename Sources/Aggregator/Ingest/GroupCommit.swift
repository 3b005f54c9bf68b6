import Dispatch
import ForwardProtocol
import Journal
import Logging
import Logs
import Records
import Synchronization

/// Makes records durable: all that arrived since the last commit in one, with one sync.
///
/// Answers come in the order of the submissions. What is in the journal already is answered for and not added again.
final class GroupCommit: Sendable {
    typealias Reply = @Sendable (AggregatorFrame) -> Void

    private struct Submission {
        let records: EncodedRecords
        let reply: Reply
    }

    private struct Waiting {
        var submissions: [Submission] = []
        var isScheduled = false
        var isStopped = false
    }

    private static let batchBytesMax = 8 << 20

    private let journal: Journal
    private let statistics: AggregatorStatistics
    private let clock: SoundClock
    private let logger: Logger
    private let queue = DispatchQueue(label: "journal")
    private let waiting = Mutex(Waiting())
    /// Used on `queue` alone, so that nobody ever waits for the lock.
    private let window: Mutex<RecordIDWindow>
    private let onCommit: @Sendable () -> Void
    private let onFailure: @Sendable (JournalError) -> Void

    /// `window` holds the ids of the journal's latest records. `onCommit` is called after every commit, `onFailure` once,
    /// when the journal can be used no more: nothing is answered from then on.
    init(
        journal: Journal, window: RecordIDWindow, statistics: AggregatorStatistics, clock: SoundClock, logger: Logger,
        onCommit: @escaping @Sendable () -> Void, onFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.journal = journal
        self.window = Mutex(window)
        self.statistics = statistics
        self.clock = clock
        self.logger = logger
        self.onCommit = onCommit
        self.onFailure = onFailure
    }

    /// Takes records in; `reply` is called once they are durable or refused.
    func submit(_ records: EncodedRecords, reply: @escaping Reply) {
        let isFirst = waiting.withLock { waiting in
            guard !waiting.isStopped else { return false }
            waiting.submissions.append(Submission(records: records, reply: reply))
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        if isFirst { queue.async { self.commitWaiting() } }
    }

    /// Returns when everything submitted before has been answered.
    func drain() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.commitWaiting()
                continuation.resume()
            }
        }
    }

    private func commitWaiting() {
        while let submissions = takeWaiting() {
            commit(submissions)
        }
    }

    /// What has been submitted since, as far as one batch holds it; nil when nothing has.
    private func takeWaiting() -> [Submission]? {
        waiting.withLock { waiting in
            guard !waiting.submissions.isEmpty, !waiting.isStopped else {
                waiting.isScheduled = false
                return nil
            }
            var byteCount = 0
            let count = waiting.submissions.prefix { submission in
                byteCount += submission.records.bytes.count
                return byteCount <= Self.batchBytesMax
            }.count
            let taken = Array(waiting.submissions.prefix(max(1, count)))
            waiting.submissions.removeFirst(taken.count)
            return taken
        }
    }

    private func commit(_ submissions: [Submission]) {
        var batch = Batch()
        window.withLock { window in
            for submission in submissions { batch.add(submission.records, unlessIn: window) }
        }
        do throws(JournalError) {
            if batch.recordCount > 0 {
                let start = ContinuousClock.now
                try journal.append(
                    batch: batch.bytes, recordCount: batch.recordCount, nowMilliseconds: clock.nowMilliseconds)
                statistics.committed(
                    records: batch.recordCount, bytes: batch.bytes.count, duplicates: batch.duplicateCount,
                    took: .now - start)
                window.withLock { window in batch.ids.forEach { window.insert($0) } }
                onCommit()
            } else {
                statistics.repeated(records: batch.duplicateCount)
            }
            answer(submissions) { .committed($0) }
        } catch  where error.isTemporary {
            statistics.refused(records: batch.recordCount, error: error, to: logger)
            answer(submissions) { .refused($0, .journalFull) }
        } catch {
            waiting.withLock { $0.isStopped = true }
            // At once: a disk that fails may hold up all that is still to end.
            logger.critical("\(error)")
            onFailure(error)
        }
    }

    private func answer(_ submissions: [Submission], _ frame: (UInt32) -> AggregatorFrame) {
        for submission in submissions { submission.reply(frame(UInt32(submission.records.count))) }
    }
}
