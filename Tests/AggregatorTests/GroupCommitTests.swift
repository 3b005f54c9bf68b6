import Records
import Testing

@testable import Aggregator

@Suite("The group commit")
struct GroupCommitTests {
    @Test("records are in the journal by the time they are answered for")
    func durable() async throws {
        let test = try CommitUnderTest()
        let (journal, outcome) = (test.journal, test.outcome)
        test.commit.submit(try Sample.encoded([1, 2])) { frame in
            let isDurable = (try? journal.numbers()) == [[1, 2]]
            outcome.answered(isDurable ? "durable" : "not yet", frame)
        }
        await test.commit.drain()
        #expect(outcome.answers == [.init(name: "durable", frame: .committed(2))])
        #expect(outcome.commitCount == 1)
        #expect(outcome.failures.isEmpty)
    }

    @Test("all that waits while the journal works goes into one commit, answered in the order of the submissions")
    func together() async throws {
        let test = try CommitUnderTest()
        let submissions = try (1...20).map { (name: "\($0)", records: try Sample.encoded([$0 * 2, $0 * 2 + 1])) }
        try await test.submitTogether(submissions)
        #expect(try test.journal.numbers() == [[0], Array(2...41)])
        #expect(test.outcome.answers == (1...20).map { .init(name: "\($0)", frame: .committed(2)) })
        #expect(test.outcome.commitCount == 2)
        #expect(test.statistics.snapshot.commits == 2)
        #expect(test.statistics.snapshot.records == 41)
    }

    @Test("more than one commit may hold goes into several, in order")
    func large() async throws {
        let test = try CommitUnderTest()
        let submissions = try (0..<UInt128(10)).map { index in
            let numbers = (index * 800 + 1)...(index * 800 + 800)
            return (name: "\(index)", records: try Sample.encoded(numbers.map(Sample.long)))
        }
        let byteCount = submissions.map(\.records.bytes.count).reduce(0, +)
        try await test.submitTogether(submissions)
        let commits = try test.journal.numbers()
        #expect(byteCount > 8 << 20)
        #expect(commits.count == 3)
        #expect(Array(commits.joined()) == Array(0...8000))
        #expect(test.outcome.answers == (0..<10).map { .init(name: "\($0)", frame: .committed(800)) })
    }

    @Test("a record that waits twice is committed once and answered for twice")
    func duplicateWithinCommit() async throws {
        let test = try CommitUnderTest()
        try await test.submitTogether([
            ("first", try Sample.encoded([1, 2, 1])), ("second", try Sample.encoded([2, 3])),
        ])
        #expect(try test.journal.numbers() == [[0], [1, 2, 3]])
        #expect(
            test.outcome.answers == [
                .init(name: "first", frame: .committed(3)), .init(name: "second", frame: .committed(2)),
            ])
        #expect(test.statistics.snapshot.records == 4)
        #expect(test.statistics.snapshot.duplicates == 2)
    }

    @Test("a record of an earlier commit is answered for and not added")
    func duplicateAcrossCommits() async throws {
        let test = try CommitUnderTest()
        try test.submit("first", [1, 2])
        await test.commit.drain()
        try test.submit("again", [2, 3])
        await test.commit.drain()
        #expect(try test.journal.numbers() == [[1, 2], [3]])
        #expect(test.outcome.answers.last == .init(name: "again", frame: .committed(2)))
        #expect(test.statistics.snapshot.duplicates == 1)
    }

    @Test("records that were durable before the start are answered for, without a commit")
    func duplicateOfDurable() async throws {
        let test = try CommitUnderTest(durable: [1, 2])
        try test.submit("again", [1, 2])
        await test.commit.drain()
        #expect(try test.journal.numbers() == [[1, 2]])
        #expect(test.outcome.answers == [.init(name: "again", frame: .committed(2))])
        #expect(test.outcome.commitCount == 0)
        #expect(test.statistics.snapshot.commits == 0)
        #expect(test.statistics.snapshot.duplicates == 2)
    }

    @Test("submissions from many threads are each answered once, and each record is committed once")
    func concurrent() async throws {
        let test = try CommitUnderTest()
        await withTaskGroup { tasks in
            for sender in 0..<8 as Range<UInt128> {
                tasks.addTask {
                    for index in 0..<50 as Range<UInt128> {
                        // Every second record is one that all of them send.
                        let number = index % 2 == 0 ? index : sender * 1000 + index
                        try? test.submit("\(sender) \(index)", [number])
                    }
                }
            }
        }
        await test.commit.drain()
        let numbers = try test.journal.numbers().joined()
        #expect(numbers.count == 25 + 8 * 25)
        #expect(Set(numbers).count == numbers.count)
        #expect(test.outcome.answers.allSatisfy { $0.frame == .committed(1) })
        #expect(Set(test.outcome.answers.map(\.name)).count == 400)
        for sender in 0..<8 {
            let own = test.outcome.answers.map(\.name).filter { $0.hasPrefix("\(sender) ") }
            #expect(own == (0..<50).map { "\(sender) \($0)" })
        }
    }

    @Test("with nothing submitted there is nothing to wait for")
    func idle() async throws {
        let test = try CommitUnderTest()
        await test.commit.drain()
        #expect(test.outcome.commitCount == 0)
    }
}
