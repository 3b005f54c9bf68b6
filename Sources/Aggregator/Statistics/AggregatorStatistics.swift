import ForwardProtocol
import Journal
import Logging
import Logs
import Records
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

    func folded(_ records: [Record], _ overflow: FoldOverflow) {
        let mistakes = records.lazy.flatMap { record in
            record.event.mistakes.map { MistakeKind(site: record.site, field: $0.field, mistake: $0.mistake) }
        }
        let counts = Dictionary(mistakes.map { ($0, 1) }, uniquingKeysWith: +)
        state.withLock { state in
            state.snapshot.overflow = state.snapshot.overflow + overflow
            for (kind, count) in counts {
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
