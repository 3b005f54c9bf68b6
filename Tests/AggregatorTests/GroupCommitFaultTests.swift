import Records
import Journal
import Testing
import TestSupport

@testable import Aggregator

@Suite("The group commit over a journal that fails")
struct GroupCommitFaultTests {
    @Test("a journal without room refuses all of a commit, and takes the same records once there is room")
    func full() async throws {
        let test = try CommitUnderTest()
        let fault = try DescriptorFault(path: test.directory.journal + "-wal", device: "/dev/full")
        #expect(fault.descriptorCount > 0)
        try test.submit("no room", [1, 2])
        await test.commit.drain()
        fault.heal()
        try test.submit("room", [1, 2])
        await test.commit.drain()
        #expect(
            test.outcome.answers == [
                .init(name: "no room", frame: .refused(2, .journalFull)), .init(name: "room", frame: .committed(2)),
            ])
        #expect(try test.journal.numbers() == [[1, 2]])
        #expect(test.outcome.failures.isEmpty)
        #expect(test.outcome.commitCount == 1)
    }

    @Test("a journal that another process holds refuses meanwhile, says so, and takes the same records once it is free")
    func locked() async throws {
        let test = try CommitUnderTest()
        let other = try HeldDatabase(path: test.directory.journal)
        try other.hold()
        try test.submit("held", [1, 2])
        await test.commit.drain()
        try other.release()
        try test.submit("free", [1, 2])
        await test.commit.drain()
        #expect(
            test.outcome.answers == [
                .init(name: "held", frame: .refused(2, .journalFull)), .init(name: "free", frame: .committed(2)),
            ])
        #expect(try test.journal.numbers() == [[1, 2]])
        #expect(test.outcome.failures.isEmpty)
        #expect(test.log.lines.first?.contains("another process holds the file") == true)
    }

    @Test("a journal at its page limit refuses what does not fit, and commits a part of it that does")
    func pageLimit() async throws {
        let test = try CommitUnderTest(pagesMax: 16)
        test.submit("all", try Sample.encoded((1...200).map(Sample.long)))
        await test.commit.drain()
        test.submit("one", try Sample.encoded([Sample.long(1)]))
        await test.commit.drain()
        #expect(
            test.outcome.answers == [
                .init(name: "all", frame: .refused(200, .journalFull)), .init(name: "one", frame: .committed(1)),
            ])
        #expect(try test.journal.numbers() == [[1]])
    }

    @Test("what is refused is counted, and logged with what to do")
    func refusalIsTold() async throws {
        let test = try CommitUnderTest(pagesMax: 16)
        for _ in 1...3 {
            test.submit("all", try Sample.encoded((1...200).map(Sample.long)))
            await test.commit.drain()
        }
        #expect(test.statistics.snapshot.refused == 600)
        #expect(test.statistics.snapshot.records == 0)
        #expect(test.statistics.snapshot.commits == 0)
        let line = try #require(test.log.lines.first)
        #expect(line.hasPrefix("error: \(test.directory.journal): no room"))
    }

    @Test("duplicates are answered for while there is no room for anything new")
    func duplicatesWhileFull() async throws {
        let test = try CommitUnderTest(durable: [1, 2])
        let fault = try DescriptorFault(path: test.directory.journal + "-wal", device: "/dev/full")
        defer { fault.heal() }
        try test.submit("again", [1, 2])
        await test.commit.drain()
        #expect(test.outcome.answers == [.init(name: "again", frame: .committed(2))])
    }

    @Test("after a failure that is final nothing is answered any more, and it is told once")
    func final() async throws {
        let test = try CommitUnderTest()
        try test.submit("before", [1])
        await test.commit.drain()
        let fault = try DescriptorFault(path: test.directory.journal + "-wal", device: "/dev/null")
        for number in 2...6 as ClosedRange<UInt128> { try test.submit("during", [number]) }
        await test.commit.drain()
        fault.heal()
        try test.submit("after", [7])
        try test.submit("duplicate", [1])
        await test.commit.drain()
        #expect(test.outcome.answers == [.init(name: "before", frame: .committed(1))])
        #expect(test.outcome.failures.count == 1)
        guard case .inputOutput = test.outcome.failures.first else { throw try #require(test.outcome.failures.first) }
        #expect(test.outcome.commitCount == 1)
        #expect(try test.journal.numbers() == [[1]])
    }
}
