import EventLoop
import Journal
import Logging
import Records
import SQLiteStorage
import Storage
import Synchronization

@testable import Aggregator
@testable import SQLiteSupport
@testable import Journal

/// An aggregator without its sockets and services: the real group commit, journal, recovery, fold, upkeep and store, driven
/// step by step. Its logs are copied after so few pages that a schedule sees it often.
actor SimulatedAggregator: LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    /// What it says to a responder, on the link of this serial.
    struct Message {
        let link: Int
        let bytes: [UInt8]
    }

    private struct Connection {
        var arrived = FrameBuffer()
        var isGreeted = false
    }

    static let logger = Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let journalBounds = LogBounds(framesMax: 40, framesToCopy: 20, framesLeftMax: 4)
    private static let storeBounds = LogBounds(framesMax: 60, framesToCopy: 60, framesLeftMax: 0)

    nonisolated let loop: EventLoop
    let journal: Journal
    let store: SQLiteOutcomeStore
    private let disk: Disk
    private let witness: Witness
    private let inFlightMax: UInt32
    private let clock: SoundClock
    private let commit: GroupCommit
    private let fold: FoldService
    private let inbox = FoldInbox()
    private let progress: FoldProgress
    private let queue = DiskQueue(label: "simulated upkeep")
    private let recordIDsKept: Int
    private var eraser: Eraser
    private var tidier: Tidier
    private var upkeep: Upkeep
    /// By the serials of their links.
    private var connections: [Int: Connection] = [:]
    private let outbox = Mutex<[Message]>([])
    private let failure: Failure

    private final class Failure: Sendable {
        let error = Mutex<JournalError?>(nil)
    }

    /// Starts on what the disk has, as the aggregator's command does it.
    init(
        loop: EventLoop, disk: Disk, clock: SimulatedClock, witness: Witness, recordIDsKept: Int, inFlightMax: UInt32,
        recounts: Bool = false
    ) async throws {
        (self.loop, self.disk, self.witness) = (loop, disk, witness)
        (self.recordIDsKept, self.inFlightMax) = (recordIDsKept, inFlightMax)
        journal = try Journal(path: disk.journal, logBounds: Self.journalBounds)
        store = try SQLiteOutcomeStore(path: disk.store, logBounds: Self.storeBounds)
        let recovered = try await Recovery(
            journal: journal, store: store, storePath: disk.store, recounts: recounts, windowCapacity: recordIDsKept)
        try witness.started(with: journal)
        let start = clock.elapsedMilliseconds
        let times = try journal.commitTimes()
        self.clock = SoundClock(
            last: times?.lastMilliseconds, pauseEnd: times?.pauseEndedMilliseconds, wall: { clock.wallMilliseconds },
            elapsed: { clock.elapsedMilliseconds - start })
        progress = FoldProgress(
            recovered.folded, unfoldedSinceMilliseconds: recovered.unfoldedSinceMilliseconds, clock: self.clock)
        let (inbox, failure, statistics) = (inbox, Failure(), AggregatorStatistics())
        self.failure = failure
        commit = GroupCommit(
            loop: loop, journal: journal, window: recovered.window, statistics: statistics, clock: self.clock,
            pace: CommitPace(), logger: Self.logger, onCommit: { inbox.committed($0) },
            onFailure: { error in failure.error.withLock { $0 = error } })
        fold = FoldService(
            journal: journal, store: store, inbox: inbox, progress: progress, statistics: statistics,
            clock: self.clock, recordIDsKept: recordIDsKept, logger: Self.logger)
        eraser = Eraser(journal: journal, store: store, disk: queue, inbox: inbox, logger: Self.logger)
        tidier = Tidier(journal: journal, store: store, disk: queue, inbox: inbox, logger: Self.logger)
        upkeep = Upkeep(
            journal: journal, store: store, disk: queue, recordIDsKept: recordIDsKept, logger: Self.logger)
    }

    var folded: Int64 { progress.position.sequence }

    // MARK: Responders

    /// Bytes arrive on a link.
    func receive(_ bytes: [UInt8], on link: Int) throws {
        bytes.withUnsafeBytes { connections[link, default: Connection()].arrived.append($0) }
        while let frame = try connections[link]?.arrived.next(ResponderFrame.init(decoding:)) {
            try take(frame, from: link)
        }
    }

    func forget(_ link: Int) {
        connections[link] = nil
    }

    private func take(_ frame: ResponderFrame, from link: Int) throws(Violation) {
        switch frame {
        case .hello(let version, let epoch):
            connections[link]?.isGreeted = true
            if let epoch { inbox.told(epoch, nowMilliseconds: clock.nowMilliseconds) }
            say(.welcome(version: version, inFlightMax: inFlightMax), on: link)
        case .records(let records) where connections[link]?.isGreeted == true: take(records, from: link)
        default: throw Violation("a responder says \(frame)")
        }
    }

    private func take(_ arrived: EncodedRecords, from link: Int) {
        if let sent = arrived.sentMilliseconds { clock.heard(sent) }
        var records = arrived
        _ = records.setTimesRight(nowMilliseconds: clock.nowMilliseconds)
        let ids = records.ids
        commit.onLoop { [witness, journal] commit in
            // Weakly, since a life that ends leaves what it has not committed.
            commit.submit(records) { [weak self] frame in
                if case .committed = frame { witness.answers(ids, from: journal) }
                self?.onLoop { $0.say(frame, on: link) }
            }
        }
    }

    private func say(_ frame: AggregatorFrame, on link: Int) {
        outbox.withLock { $0.append(Message(link: link, bytes: frame.encoded())) }
    }

    /// What it has said since the last time; nothing of it left a process that is dead.
    func takeMessages() -> [Message] {
        outbox.withLock { messages in
            defer { messages = [] }
            return disk.isDead ? [] : messages
        }
    }

    // MARK: Steps

    /// The end of a turn of its loop.
    func commitWaiting() throws {
        whileNothingIsCopied { commit.onLoop { $0.commitWaiting() } }
        if let error = failure.error.withLock({ $0 }) { throw error }
    }

    /// Returns what is in the way, if anything is.
    func foldAll() async throws -> String? {
        journal.copier.queue.suspend()
        defer { letCopy() }
        return try await fold.fold(recordsMax: .max, until: nil)
    }

    /// A fold, and where nothing is in its way a piece of what is to be erased or kept no longer, as the service has it; true
    /// when there is more. The upkeep begins anew as after an hour.
    func keep(anew: Bool) async throws -> Bool {
        if anew {
            upkeep = Upkeep(
                journal: journal, store: store, disk: queue, recordIDsKept: recordIDsKept, logger: Self.logger)
        }
        var (eraser, tidier, upkeep) = (eraser, tidier, upkeep)
        journal.copier.queue.suspend()
        defer {
            letCopy()
            (self.eraser, self.tidier, self.upkeep) = (eraser, tidier, upkeep)
        }
        guard try await fold.fold(recordsMax: .max, until: nil) == nil else { return true }
        return try await fold.keep(&eraser, &tidier, &upkeep)
    }

    func erase(_ request: ErasureRequest) {
        _ = inbox.submit(request)
    }

    /// The copier has a thread of its own. It is let go on between two steps, so that nothing depends on the threads' pace.
    private func whileNothingIsCopied(_ body: () -> Void) {
        journal.copier.queue.suspend()
        defer { letCopy() }
        body()
    }

    private func letCopy() {
        journal.copier.queue.resume()
        journal.copier.wait()
    }

    /// Lets go of the files, as the end of the process does. Of one that is dead nothing is written.
    func close() throws {
        let results = [Result { try store.close() }, Result { try journal.close() }]
        if !disk.isDead { for result in results { try result.get() } }
    }
}
