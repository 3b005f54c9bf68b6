import Records
import Journal
import Logging
import Daemon
import Storage
import Synchronization

/// What the aggregator has done since it started, for whoever asks.
public final class AggregatorStatistics: Sendable {
    /// Sites are configured and reasons are few, but a responder gone wrong may say anything.
    private static let kindsMax = 4096
    private static let otherKind = TallyEntry.Kind(site: "-", status: 0, reason: "other")

    private struct State {
        var snapshot = Snapshot()
        var lastResponderID = 0
        var limiter = LogLimiter<String>()
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now

    public init() {}

    public var snapshot: Snapshot {
        state.withLock { $0.snapshot }
    }

    /// Returns what the connection is called from now on.
    func responderConnected(processID: Int32) -> ConnectedResponder.ID {
        state.withLock { state in
            state.lastResponderID += 1
            state.snapshot.responders.append(ConnectedResponder(id: state.lastResponderID, processID: processID))
            return state.lastResponderID
        }
    }

    func responderDisconnected(_ id: ConnectedResponder.ID) {
        state.withLock { $0.snapshot.responders.removeAll { $0.id == id } }
    }

    /// A responder has told how it is doing, and the time here is `nowMilliseconds` since 1970, UTC.
    func responder(_ id: ConnectedResponder.ID, told status: ResponderStatus, nowMilliseconds: Int64) {
        state.withLock { state in
            guard let index = state.snapshot.responders.firstIndex(where: { $0.id == id }) else { return }
            state.snapshot.responders[index].status = status
            // A responder gone wrong may say any time.
            let difference = status.timeMilliseconds.subtractingReportingOverflow(nowMilliseconds)
            state.snapshot.responders[index].clockDifferenceMilliseconds =
                difference.overflow ? nil : difference.partialValue
        }
    }

    func arrived(records: Int) {
        state.withLock { $0.snapshot.recordsInFlight += records }
    }

    func answered(records: Int) {
        state.withLock { $0.snapshot.recordsInFlight -= records }
    }

    func committed(records: Int, bytes: Int, duplicates: Int, took duration: Duration) {
        state.withLock { state in
            state.snapshot.commitSeconds.observe(duration / .seconds(1))
            state.snapshot.commitRecords.observe(Double(records))
            state.snapshot.commitBytes.observe(Double(bytes))
            state.snapshot.duplicates += duplicates
        }
    }

    func folded(_ batch: RecordBatch, _ overflow: FoldOverflow) {
        let mistakes = batch.kinds.flatMap { kind in
            kind.event.mistakes.map {
                (MistakeKind(site: kind.site, field: $0.field, mistake: $0.mistake), kind.count)
            }
        }
        state.withLock { state in
            state.snapshot.overflow = state.snapshot.overflow + overflow
            for (kind, count) in mistakes {
                let isKnown = state.snapshot.mistakes[kind] != nil || state.snapshot.mistakes.count < Self.kindsMax
                let counted = isKnown ? kind : MistakeKind(site: "-", field: kind.field, mistake: kind.mistake)
                state.snapshot.mistakes[counted, default: 0] += count
            }
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

    func timesSetRight(records: Int, to logger: Logger) {
        let now = nowMilliseconds()
        state.withLock { state in
            state.snapshot.timesSetRight += records
            let total = state.snapshot.timesSetRight
            state.limiter.log(
                "clock",
                "a responder's clock is wrong beside this one: "
                    + (records == 1 ? "1 record gets" : "\(records) records get")
                    + " the time of arrival, \(total) since the start; set the clocks", to: logger,
                nowMilliseconds: now)
        }
    }

    func answered(_ entries: [TallyEntry]) {
        state.withLock { state in
            for entry in entries {
                // By outcome they would be more than anybody reads, and more than there is room for.
                let kind = entry.kind.ofAnyOutcome
                let isKnown = state.snapshot.answers[kind] != nil || state.snapshot.answers.count < Self.kindsMax
                state.snapshot.answers[isKnown ? kind : Self.otherKind, default: 0] &+= entry.count
            }
        }
    }

    /// Logs a line that a peer can cause, or that comes again while something lasts: of each kind one a second, and less and
    /// less often.
    func log(_ kind: String, _ message: String, level: Logger.Level = .warning, to logger: Logger) {
        let now = nowMilliseconds()
        state.withLock { $0.limiter.log(kind, message, level: level, to: logger, nowMilliseconds: now) }
    }

    private func nowMilliseconds() -> Int64 {
        let elapsed = (ContinuousClock.now - start).components
        return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    }
}

extension AggregatorStatistics {
    /// The figures at one moment. Counts are since the start of the process.
    public struct Snapshot: Sendable {
        /// Those that are connected, in the order in which they came.
        public var responders: [ConnectedResponder] = []
        /// Records that have arrived and are not answered for yet.
        public var recordsInFlight = 0
        /// How long each commit took, its sync included.
        public var commitSeconds = Histogram(bounds: [
            0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
        ])
        /// How many records, and how many bytes of them, each commit made durable.
        public var commitRecords = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096])
        public var commitBytes = Histogram(bounds: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304])
        /// Records that were in the journal already when they arrived.
        public var duplicates = 0
        /// Records refused because there was no room.
        public var refused = 0
        /// Records whose time could not be, and was set right.
        public var timesSetRight = 0
        /// Records that were counted under `DimensionName.other`.
        public var overflow = FoldOverflow()
        /// How many records were counted whose ids or names are evidently mistakes.
        public var mistakes: [MistakeKind: Int] = [:]
        /// What responders answered.
        public var answers: [TallyEntry.Kind: UInt64] = [:]

        public var commits: Int { commitRecords.count }
        /// Records that were made durable.
        public var records: Int { Int(commitRecords.sum) }
    }
}

/// A mistake in records: whose, in which field, and what it is. It holds nothing of what the field says.
public struct MistakeKind: Hashable, Sendable {
    public let site: String
    public let field: Event.Field
    public let mistake: EvidentMistake
}

/// A responder that is connected.
public struct ConnectedResponder: Sendable, Identifiable {
    /// Counts the connections since the start.
    public let id: Int
    public let processID: Int32
    /// What it has told of itself last; nil while it has not.
    public var status: ResponderStatus?
    /// The responder's time of day less this process's, as the last status came: it holds the time on the way, and grows
    /// for a moment where this process was held up.
    public var clockDifferenceMilliseconds: Int64?
}

/// How values are spread: how many lie at or below each of some bounds, as Prometheus's histograms have it.
public struct Histogram: Sendable, Equatable {
    /// In rising order.
    public let bounds: [Double]
    /// How many values lie at or below each bound, and in the last place all of them.
    public private(set) var cumulativeCounts: [Int]
    public private(set) var sum = 0.0

    public init(bounds: [Double]) {
        self.bounds = bounds
        cumulativeCounts = Array(repeating: 0, count: bounds.count + 1)
    }

    public var count: Int { cumulativeCounts[bounds.count] }

    public mutating func observe(_ value: Double) {
        sum += value
        let first = bounds.firstIndex { value <= $0 } ?? bounds.count
        for index in first...bounds.count { cumulativeCounts[index] += 1 }
    }
}
