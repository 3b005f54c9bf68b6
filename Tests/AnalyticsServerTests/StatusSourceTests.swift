import Analytics
import ForwardProtocol
import Journal
import Testing
import TestSupport

@testable import Aggregator
@testable import AnalyticsServer

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
    func commitDuration() {
        statistics.committed(records: 5, duplicates: 2, took: .microseconds(300))
        statistics.committed(records: 1, duplicates: 0, took: .seconds(2))
        let report = report()
        #expect(report.commits == 2)
        #expect(report.records == 6)
        #expect(report.duplicates == 2)
        #expect(report.commitMicrosecondsMean == 1_000_150)
    }

    @Test("answers are sorted by site, status and reason")
    func answers() {
        let kinds = [("b", 201, "durable"), ("a", 503, "full"), ("a", 401, "z"), ("a", 401, "expired")].map {
            (site: String, status: UInt16, reason: String) in
            TallyEntry.Kind(site: site, status: status, reason: reason)
        }
        statistics.answered(kinds.map { TallyEntry(kind: $0, count: 1) })
        statistics.answered([TallyEntry(kind: kinds[0], count: .max - 1)])
        #expect(
            report().answers == [
                .init(site: "a", status: 401, reason: "expired", count: 1),
                .init(site: "a", status: 401, reason: "z", count: 1),
                .init(site: "a", status: 503, reason: "full", count: 1),
                .init(site: "b", status: 201, reason: "durable", count: .max),
            ])
    }

    @Test("the journal's last commit and the fold's are told apart")
    func sequences() throws {
        let first = try journal.append(batch: [1], recordCount: 1)
        try journal.append(batch: [2], recordCount: 1)
        let report = report(folded: first)
        #expect(report.journalSequence == 2)
        #expect(report.foldedSequence == 1)
    }

    private func report(folded: JournalPosition? = nil) -> StatusReport {
        StatusSource(journal: journal, progress: FoldProgress(folded ?? journal.start), statistics: statistics).report()
    }
}
