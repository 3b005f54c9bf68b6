import Synchronization
import Testing

@testable import Aggregator

@Suite("The pace of commits")
struct CommitPaceTests {
    private static let many = 1...UInt128(CommitPace.recordsMin)
    private static let hour = Duration.seconds(3600)

    @Test("after a commit of many records it rests for what is left of the distance, once")
    func load() {
        let rests = Mutex<[Duration]>([])
        var pace = CommitPace(distance: Self.hour) { time in rests.withLock { $0.append(time) } }
        pace.committing(records: CommitPace.recordsMin, at: .now - .seconds(600))
        pace.rest()
        pace.rest()
        let times = rests.withLock { $0 }
        #expect(times.count == 1)
        #expect(times.allSatisfy { $0 > .zero && $0 <= .seconds(3000) })
    }

    @Test("a small commit among large ones rests, too; of small ones soon none does")
    func decay() {
        let rests = Atomic<Int>(0)
        var pace = CommitPace(distance: Self.hour) { _ in rests.add(1, ordering: .relaxed) }
        let rested = { (pace: inout CommitPace, records: Int) in
            let before = rests.load(ordering: .relaxed)
            pace.committing(records: records, at: .now)
            pace.rest()
            return rests.load(ordering: .relaxed) > before
        }
        let few = (0..<3).map { _ in rested(&pace, CommitPace.recordsMin - 1) }
        #expect(few == [false, false, false])
        let among = [CommitPace.recordsMin * 4, 1, CommitPace.recordsMin * 4, 1].map { rested(&pace, $0) }
        #expect(among == [true, true, true, true])
        let after = (0..<10).map { _ in rested(&pace, 1) }
        #expect(after.firstIndex(of: false).map { $0 < 8 } == true)
        #expect(after.last == false)
    }

    @Test("after a commit of many records it rests for twice the distance")
    func many() {
        let rests = Mutex<[Duration]>([])
        var pace = CommitPace(distance: Self.hour) { time in rests.withLock { $0.append(time) } }
        for records in [CommitPace.recordsMany - 1, CommitPace.recordsMany] {
            pace.committing(records: records, at: .now)
            pace.rest()
        }
        let hours = rests.withLock { $0.map { $0 / Self.hour } }
        #expect(hours.count == 2)
        #expect(zip(hours, [1.0, 2.0]).allSatisfy { (0.99 * $1...$1).contains($0) })
    }

    @Test("where the commit took as long as the distance, nobody rests")
    func slowDisk() {
        var pace = CommitPace(distance: .seconds(1)) { _ in Issue.record("it rests") }
        pace.committing(records: CommitPace.recordsMin, at: .now - .seconds(1))
        pace.rest()
    }

    @Test("what comes alone is committed at once, after few records and after many")
    func alone() async throws {
        let rests = Atomic<Int>(0)
        let pace = CommitPace(distance: Self.hour) { _ in rests.add(1, ordering: .relaxed) }
        try await IngestUnderTest(pace: pace).serve { ingest in
            let client = try await ingest.greet()
            for number in 101...103 as ClosedRange<UInt128> {
                try await client.send(Sample.frame([number]))
                #expect(try await client.receive() == .committed(1))
            }
            #expect(rests.load(ordering: .relaxed) == 0)
            try await client.send(Sample.frame(Self.many))
            #expect(try await client.receive() == .committed(UInt32(Self.many.count)))
            for number in 104...105 as ClosedRange<UInt128> {
                try await client.send(Sample.frame([number]))
                #expect(try await client.receive() == .committed(1))
            }
            #expect(rests.load(ordering: .relaxed) == 1)
        }
    }

    @Test("what arrives during a rest, on whichever connection, is one commit")
    func gathering() async throws {
        let gate = Gate()
        let pace = CommitPace(distance: Self.hour) { _ in gate.pass() }
        try await IngestUnderTest(pace: pace).serve { ingest in
            let clients = [try await ingest.greet(), try await ingest.greet()]
            try await clients[0].send(Sample.frame(Self.many))
            // The answer does not wait for the rest.
            #expect(try await clients[0].receive() == .committed(UInt32(Self.many.count)))
            await gate.awaitArrival()
            for number in 101...106 as ClosedRange<UInt128> {
                try await clients[Int(number) % 2].send(Sample.frame([number]))
            }
            gate.open()
            for client in clients { #expect(try await client.receiveAnswers(count: 3) == 3) }
            let commits = try ingest.journal.numbers()
            #expect(commits.first == Array(Self.many))
            #expect(commits.dropFirst().map(Set.init) == [Set(101...106)])
        }
    }
}
