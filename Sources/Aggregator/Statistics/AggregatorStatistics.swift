import ForwardProtocol
import Journal
import Logging
import Logs
import Synchronization

/// What the aggregator has done since it started, for whoever asks.
public final class AggregatorStatistics: Sendable {
    /// The figures at one moment. Counts are since the start of the process.
    public struct Snapshot: Sendable {
        public var responders = 0
        public var commits = 0
        public var records = 0
        /// Records that were in the journal already when they arrived.
        public var duplicates = 0
        /// Records refused because there was no room.
        public var refused = 0
        /// The time that commits took, together.
        public var commitDuration = Duration.zero
        /// What responders answered.
        public var answers: [TallyEntry.Kind: UInt64] = [:]
    }

    /// Sites are configured and reasons are few, but a responder gone wrong may say anything.
    private static let kindsMax = 4096

    private struct State {
        var snapshot = Snapshot()
        var limiter = LogLimiter<String>()
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now

    public init() {}

    public var snapshot: Snapshot {
        state.withLock { $0.snapshot }
    }

    func responderConnected() {
        state.withLock { $0.snapshot.responders += 1 }
    }

    func responderDisconnected() {
        state.withLock { $0.snapshot.responders -= 1 }
    }

    func committed(records: Int, duplicates: Int, took duration: Duration) {
        state.withLock { state in
            state.snapshot.commits += 1
            state.snapshot.records += records
            state.snapshot.duplicates += duplicates
            state.snapshot.commitDuration += duration
        }
    }

    func repeated(records: Int) {
        state.withLock { $0.snapshot.duplicates += records }
    }

    func refused(records: Int, error: JournalError, to logger: Logger) {
        let now = nowMilliseconds()
        state.withLock { state in
            state.snapshot.refused += records
            state.limiter.log("full", "\(error)", level: .error, to: logger, nowMilliseconds: now)
        }
    }

    func answered(_ entries: [TallyEntry]) {
        state.withLock { state in
            for entry in entries {
                let isKnown = state.snapshot.answers[entry.kind] != nil || state.snapshot.answers.count < Self.kindsMax
                guard isKnown else { continue }
                state.snapshot.answers[entry.kind, default: 0] &+= entry.count
            }
        }
    }

    /// Logs a line that a peer can cause, at most one a second of its kind.
    func log(_ kind: String, _ message: String, to logger: Logger) {
        let now = nowMilliseconds()
        state.withLock { $0.limiter.log(kind, message, to: logger, nowMilliseconds: now) }
    }

    private func nowMilliseconds() -> Int64 {
        let elapsed = (ContinuousClock.now - start).components
        return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    }
}
