import Records
import Journal
import Storage
import Testing
import TestSupport

@testable import Aggregator

@Suite("What the aggregator tells of itself")
struct AggregatorStatisticsTests {
    private let statistics = AggregatorStatistics()
    private let log = LogRecorder()

    @Test("at the start everything is nought")
    func start() {
        let snapshot = statistics.snapshot
        #expect(snapshot.responders.isEmpty && snapshot.commits == 0 && snapshot.records == 0)
        #expect(snapshot.duplicates == 0 && snapshot.refused == 0 && snapshot.recordsInFlight == 0)
        #expect(snapshot.answers.isEmpty)
    }

    @Test("commits, repetitions and durations add up")
    func commits() {
        statistics.committed(records: 3, bytes: 300, duplicates: 1, took: .milliseconds(5))
        statistics.committed(records: 4, bytes: 401, duplicates: 0, took: .milliseconds(7))
        statistics.repeated(records: 2)
        let snapshot = statistics.snapshot
        #expect(snapshot.commits == 2)
        #expect(snapshot.records == 7)
        #expect(snapshot.duplicates == 3)
        #expect(snapshot.commitBytes.sum == 701)
        #expect(abs(snapshot.commitSeconds.sum - 0.012) < 1e-9)
    }

    @Test("a responder's figures are its own, and go with its connection")
    func responders() throws {
        let first = statistics.responderConnected(processID: 11)
        let second = statistics.responderConnected(processID: 12)
        let status = ResponderStatus(timeMilliseconds: 1_000, figures: [.recordsInFlight: 5])
        statistics.responder(second, told: status, nowMilliseconds: 1_250)
        let responders = statistics.snapshot.responders
        #expect(responders.map(\.processID) == [11, 12])
        #expect(responders.map(\.status) == [nil, status])
        #expect(responders.map(\.clockDifferenceMilliseconds) == [nil, -250])
        statistics.responderDisconnected(second)
        statistics.responder(second, told: status, nowMilliseconds: 0)
        #expect(statistics.snapshot.responders.map(\.id) == [first])
    }

    @Test("a clock that is further off than a number holds is no difference, and no trap")
    func brokenClock() {
        let id = statistics.responderConnected(processID: 1)
        statistics.responder(
            id, told: ResponderStatus(timeMilliseconds: .min, figures: [:]), nowMilliseconds: 1)
        #expect(statistics.snapshot.responders.first?.clockDifferenceMilliseconds == .some(nil))
    }

    @Test(
        "records with ids that are evidently mistakes are counted by site, field and mistake, as far as there is room")
    func mistakes() {
        let record = { (site: String, rule: String, name: String) in
            Record(
                id: .random(), timeMilliseconds: 0, subject: Subject(1), site: site,
                event: .conversion(Conversion(ruleID: rule, outcomeID: "a", name: name)))
        }
        statistics.folded(
            RecordBatch([record("a", "{{ruleId}}", "null"), record("a", "{{id}}", "C"), record("b", "a", "b")]),
            FoldOverflow())
        statistics.folded(RecordBatch([record("a", "{{ruleId}}", "C")]), FoldOverflow())
        let template = MistakeKind(site: "a", field: .ruleID, mistake: .template)
        let null = MistakeKind(site: "a", field: .conversion, mistake: .null)
        #expect(statistics.snapshot.mistakes == [template: 3, null: 1])
        statistics.folded(RecordBatch((0..<5000).map { record("site-\($0)", "null", "C") }), FoldOverflow())
        #expect(statistics.snapshot.mistakes.count <= 4097)
        #expect(statistics.snapshot.mistakes.values.reduce(0, +) == 5004)
    }

    @Test("a histogram counts at or below each bound, and everything in its last place")
    func histogram() {
        var histogram = Histogram(bounds: [1, 2, 4])
        for value in [0.5, 1, 1.5, 4, 9] { histogram.observe(value) }
        #expect(histogram.cumulativeCounts == [2, 3, 4, 5])
        #expect(histogram.sum == 16)
        #expect(histogram.count == 5)
    }

    @Test("invented kinds of answers are kept within a limit, and known ones go on being counted")
    func kindsMax() {
        let kinds = (0..<5000).map { TallyEntry.Kind(site: "site", status: 400, reason: "reason\($0)") }
        statistics.answered(kinds.map { TallyEntry(kind: $0, count: 1) })
        statistics.answered(kinds.map { TallyEntry(kind: $0, count: 1) })
        let answers = statistics.snapshot.answers
        #expect(answers.count == 4097)
        #expect(kinds.prefix(4096).allSatisfy { answers[$0] == 2 })
        let others: UInt64 = 2 * (5000 - 4096)
        #expect(answers[TallyEntry.Kind(site: "-", status: 0, reason: "other")] == others)
    }

    @Test("a count that no number holds wraps instead of ending the process")
    func overflow() {
        let kind = TallyEntry.Kind(site: "site", status: 400, reason: "reason")
        statistics.answered([TallyEntry(kind: kind, count: .max), TallyEntry(kind: kind, count: 3)])
        #expect(statistics.snapshot.answers[kind] == 2)
    }

    @Test("lines that peers cause are limited, each kind by itself")
    func limited() {
        for _ in 0..<1000 {
            statistics.log("peer", "a peer is refused", to: log.logger)
            statistics.log("closing", "a connection is closed", to: log.logger)
        }
        #expect(log.lines.count < 1000)
        #expect(log.lines.contains("warning: a peer is refused"))
        #expect(log.lines.contains("warning: a connection is closed"))
    }
}
