import Analytics
import Daemon
import Journal
import Records
import SQLiteStorage
import Storage
import TestSupport
import Testing

@testable import Aggregator
@testable import Web

@Suite("The status")
struct StatusSourceTests {
    private let directory: TemporaryDirectory
    private let journal: Journal
    private let statistics = AggregatorStatistics()

    init() throws {
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal)
    }

    @Test("commits take so long on average")
    func commitDuration() async throws {
        statistics.committed(records: 5, bytes: 500, duplicates: 2, took: .microseconds(300))
        statistics.committed(records: 1, bytes: 100, duplicates: 0, took: .seconds(2))
        let report = try await report()
        #expect(report.commits == 2)
        #expect(report.records == 6)
        #expect(report.duplicates == 2)
        #expect(report.commitMicrosecondsMean == 1_000_150)
    }

    @Test("answers are sorted by site, status and reason")
    func answers() async throws {
        let kinds = [("b", 201, "durable"), ("a", 503, "full"), ("a", 401, "z"), ("a", 401, "expired")].map {
            (site: String, status: UInt16, reason: String) in
            TallyEntry.Kind(site: site, status: status, reason: reason)
        }
        statistics.answered(kinds.map { TallyEntry(kind: $0, count: 1) })
        statistics.answered([TallyEntry(kind: kinds[0], count: .max - 1)])
        let answers = try await report().answers
        #expect(
            answers.map { "\($0.site) \($0.status) \($0.reason)" } == [
                "a 401 expired", "a 401 z", "a 503 full", "b 201 durable",
            ])
        #expect(answers.map(\.count) == [1, 1, 1, .max])
    }

    @Test("mistakes are told by site, field and kind, in the status and as a metric")
    func mistakes() async throws {
        let records = ["b", "a"].map { site in
            Record(
                id: .random(), timeMilliseconds: 0, subject: Subject(1), site: site,
                event: .conversion(Conversion(ruleID: "{{ruleId}}", outcomeID: "a", name: "undefined")))
        }
        statistics.folded(RecordBatch(records + records), FoldOverflow())
        let source = try source()
        #expect(
            try await source.report().mistakes.map { "\($0.site) \($0.field) \($0.mistake) \($0.count)" } == [
                "a conversion undefined 2", "a ruleId template 2", "b conversion undefined 2", "b ruleId template 2",
            ])
        let line = #"rule_outcomes_mistaken_records_total{site="a",field="ruleId",mistake="template"} 2"#
        #expect(try await source.metrics().text.contains("\n\(line)\n"))
        #expect(try await source.report().showing { $0 == "b" }.mistakes.map(\.site) == ["b", "b"])
    }

    @Test("the journal's last commit and the fold's are told apart")
    func sequences() async throws {
        let first = try journal.append(batch: [1], recordCount: 1, nowMilliseconds: WallClock.nowMilliseconds())
        try journal.append(batch: [2], recordCount: 1, nowMilliseconds: WallClock.nowMilliseconds())
        let report = try await report(folded: first)
        #expect(report.journalSequence == 2)
        #expect(report.foldedSequence == 1)
    }

    private func report(folded: JournalPosition? = nil) async throws -> StatusReport {
        try await source(folded: folded).report()
    }

    private func source(folded: JournalPosition? = nil) throws -> StatusSource {
        StatusSource(
            journal: journal, store: try SQLiteOutcomeStore(path: directory.store), limits: DimensionLimits(),
            progress: FoldProgress(folded ?? journal.start, clock: SoundClock()), statistics: statistics,
            clock: SoundClock(), reloads: ReloadCounter())
    }
}
