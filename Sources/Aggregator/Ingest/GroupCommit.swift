import EventLoop
import Glibc
import Records
import Journal
import Logging
import Daemon

/// Makes records durable: all that arrived in one turn of the loop in one commit, with one sync, before the turn ends. What
/// arrives meanwhile gathers in the sockets, and is the next commit. Under load it gathers for a moment longer
/// (``CommitPace``).
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
    private var pace: CommitPace
    private let onCommit: @Sendable (JournalRow) -> Void
    private let onFailure: @Sendable (JournalError) -> Void

    /// It lives on `loop`, which the caller runs. `window` holds the ids of the journal's latest records. `onCommit` is called
    /// after every commit, `onFailure` once, when the journal can be used no more: nothing is answered from then on.
    init(
        loop: EventLoop, journal: Journal, window: RecordIDWindow, statistics: AggregatorStatistics, clock: SoundClock,
        pace: CommitPace, logger: Logger, onCommit: @escaping @Sendable (JournalRow) -> Void,
        onFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.loop = loop
        self.journal = journal
        self.window = window
        self.statistics = statistics
        self.clock = clock
        self.pace = pace
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

    /// Leaves what arrives in the sockets for a moment, where the next commit is to gather; called when the answers have left.
    func rest() {
        pace.rest()
    }

    private func commit(_ submissions: [Submission]) {
        var batch = Batch(reserving: submissions.reduce(0) { $0 + $1.records.count })
        for submission in submissions { batch.add(submission.records, unlessIn: window) }
        do throws(JournalError) {
            if batch.recordCount > 0 {
                let start = ContinuousClock.now
                pace.committing(records: batch.recordCount, at: start)
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

/// The records of one commit, each once.
struct Batch {
    private(set) var bytes: [UInt8] = []
    private(set) var ids: [RecordID] = []
    private(set) var duplicateCount = 0
    private var seen: Set<RecordID> = []

    var recordCount: Int { ids.count }

    init(reserving count: Int = 0) {
        ids.reserveCapacity(count)
        seen.reserveCapacity(count)
    }

    /// Adds the records that are neither in `window` nor in this batch already.
    mutating func add(_ records: EncodedRecords, unlessIn window: RecordIDWindow) {
        let repeated = records.ids.indices.filter { index in
            let id = records.ids[index]
            return window.contains(id) || !seen.insert(id).inserted
        }
        duplicateCount += repeated.count
        guard !repeated.isEmpty else {
            ids.append(contentsOf: records.ids)
            bytes.append(contentsOf: records.bytes)
            return
        }
        for index in Set(records.ids.indices).subtracting(repeated).sorted() {
            ids.append(records.ids[index])
            bytes.append(contentsOf: records.record(at: index))
        }
    }
}

/// When commits rest. A sync costs the processor as much for one record as for a hundred; so where records come close together,
/// commits begin some distance apart, and what arrives in between gathers in the sockets without waking anybody.
///
/// Records come close together when commits of late had several. Who comes alone does not wait, but for the first few after
/// commits that were large, and nobody does where the disk is slower than that distance, since commits gather enough there by
/// themselves.
public struct CommitPace: Sendable {
    /// A commit of fewer records brings on no rest.
    static let recordsMin = 2
    /// One of so many brings on twice the rest.
    static let recordsMany = 20

    /// From the start of one commit to that of the next, and twice that where there are many records. Of 64 requests under way one
    /// half is answered meanwhile, and the other half gathers; over a longer distance all of them would wait for one sync, and
    /// nobody have anything to do. Without any, with tokens whose signature takes long, each record had a sync of its own, and a
    /// third less was answered.
    private let distance: Duration
    private let sleep: @Sendable (Duration) -> Void
    /// The records of a commit, of late: of the last one, or of one before, less a quarter for each since. So one that is small by
    /// chance does not bring on a row of small ones, each of which begins at once.
    private var load = 0
    /// When the last commit began, where a rest is to follow and nobody has taken it.
    private var start: ContinuousClock.Instant?

    public init() {
        self.init(distance: .microseconds(500)) { duration in
            // A signal may end it early, which costs nothing.
            usleep(useconds_t(duration / .microseconds(1)))
        }
    }

    /// - Parameter sleep: lets the calling thread sleep.
    init(distance: Duration, sleep: @escaping @Sendable (Duration) -> Void) {
        self.distance = distance
        self.sleep = sleep
    }

    /// A commit of so many records begins.
    mutating func committing(records: Int, at now: ContinuousClock.Instant) {
        load = max(records, load - (load + 3) / 4)
        start = load >= Self.recordsMin ? now : nil
    }

    /// Rests, if there is a reason to. Nobody rests twice after the same commit.
    mutating func rest() {
        guard let start else { return }
        self.start = nil
        let time = distance * (load < Self.recordsMany ? 1 : 2) - start.duration(to: .now)
        if time > .zero { sleep(time) }
    }
}
