import Aggregator
import Analytics
import Journal

/// Reads how the aggregator is doing.
public struct StatusSource: Sendable {
    private let journal: Journal
    private let progress: FoldProgress
    private let statistics: AggregatorStatistics

    public init(journal: Journal, progress: FoldProgress, statistics: AggregatorStatistics) {
        self.journal = journal
        self.progress = progress
        self.statistics = statistics
    }

    func report() -> StatusReport {
        let snapshot = statistics.snapshot
        let duration = snapshot.commitDuration.components
        let microseconds = Int(duration.seconds) * 1_000_000 + Int(duration.attoseconds / 1_000_000_000_000)
        let answers = snapshot.answers.map { kind, count in
            StatusReport.Answers(
                site: kind.site, status: Int(kind.status), reason: kind.reason, count: Int(clamping: count))
        }
        return StatusReport(
            journalSequence: journal.lastPosition.sequence, foldedSequence: progress.position.sequence,
            responders: snapshot.responders, commits: snapshot.commits, records: snapshot.records,
            duplicates: snapshot.duplicates, refused: snapshot.refused,
            commitMicrosecondsMean: snapshot.commits == 0 ? 0 : microseconds / snapshot.commits,
            answers: answers.sorted { ($0.site, $0.status, $0.reason) < ($1.site, $1.status, $1.reason) })
    }
}
