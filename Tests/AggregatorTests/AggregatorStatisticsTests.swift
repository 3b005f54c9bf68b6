import ForwardProtocol
import Journal
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
        #expect(snapshot.responders == 0 && snapshot.commits == 0 && snapshot.records == 0)
        #expect(snapshot.duplicates == 0 && snapshot.refused == 0 && snapshot.commitDuration == .zero)
        #expect(snapshot.answers.isEmpty)
    }

    @Test("commits, repetitions and durations add up")
    func commits() {
        statistics.committed(records: 3, duplicates: 1, took: .milliseconds(5))
        statistics.committed(records: 4, duplicates: 0, took: .milliseconds(7))
        statistics.repeated(records: 2)
        let snapshot = statistics.snapshot
        #expect(snapshot.commits == 2)
        #expect(snapshot.records == 7)
        #expect(snapshot.duplicates == 3)
        #expect(snapshot.commitDuration == .milliseconds(12))
    }

    @Test("invented kinds of answers are kept within a limit, and known ones go on being counted")
    func kindsMax() {
        let kinds = (0..<5000).map { TallyEntry.Kind(site: "site", status: 400, reason: "reason\($0)") }
        statistics.answered(kinds.map { TallyEntry(kind: $0, count: 1) })
        statistics.answered(kinds.map { TallyEntry(kind: $0, count: 1) })
        let answers = statistics.snapshot.answers
        #expect(answers.count == 4096)
        #expect(kinds.prefix(4096).allSatisfy { answers[$0] == 2 })
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
