import ForwardProtocol
import Journal
import Records
import TestSupport

@testable import Aggregator

/// A group commit over a real journal in a directory of its own, and what comes of it.
struct CommitUnderTest: Sendable {
    let directory: TemporaryDirectory
    let journal: Journal
    let statistics = AggregatorStatistics()
    let log = LogRecorder()
    let outcome = CommitOutcome()
    let commit: GroupCommit

    /// `durable` are the numbers of records that stand in the journal and the window from the beginning.
    init(durable: [UInt128] = [], pagesMax: Int? = nil) throws {
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal, pagesMax: pagesMax)
        var window = RecordIDWindow(capacity: 1000)
        if !durable.isEmpty { try journal.append(durable) }
        for number in durable { window.insert(RecordID(number)) }
        commit = GroupCommit(
            journal: journal, window: window, statistics: statistics, clock: SoundClock(), logger: log.logger,
            onCommit: { [outcome] in outcome.committed() }, onFailure: { [outcome] in outcome.failed($0) })
    }

    func submit(_ name: String, _ numbers: [UInt128]) throws {
        submit(name, try Sample.encoded(numbers))
    }

    func submit(_ name: String, _ records: EncodedRecords) {
        commit.submit(records) { [outcome] in outcome.answered(name, $0) }
    }

    /// Submits all of these while the journal is at work with another record, number 0, so that they wait together.
    func submitTogether(_ submissions: [(name: String, records: EncodedRecords)]) async throws {
        commit.submit(try Sample.encoded([0])) { _ in
            for submission in submissions { submit(submission.name, submission.records) }
        }
        await commit.drain()
    }
}
