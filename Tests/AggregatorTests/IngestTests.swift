import ForwardProtocol
import Glibc
import Records
import Testing

@testable import Aggregator

@Suite("The ingest service")
struct IngestTests {
    @Test("a hello is welcomed, with the version and how many records may be unanswered")
    func hello() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try ingest.connect()
            try await client.send(ResponderFrame.encodeHello(epoch: SubjectEpoch(1)))
            #expect(try await client.receive() == .welcome(version: 3, inFlightMax: IngestHandler.inFlightMax))
            #expect(ingest.statistics.snapshot.responders.count == 1)
        }
    }

    @Test("a responder of the version before is welcomed with its own version, and its records are committed")
    func earlierVersion() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try ingest.connect()
            try await client.send([7, 0, 0, 0, 1] + Array("ROFP".utf8) + [1, 0] + Sample.frame(1...2))
            #expect(try await client.receive() == .welcome(version: 1, inFlightMax: IngestHandler.inFlightMax))
            #expect(try await client.receive() == .committed(2))
        }
    }

    @Test("what a responder tells of itself is kept with its connection and process")
    func responderStatus() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            let status = ResponderStatus(timeMilliseconds: 5, figures: [.connections: 3])
            try await client.send(ResponderFrame.encodeStatus(status))
            try await Patience.until { ingest.statistics.snapshot.responders.first?.status != nil }
            let responder = try #require(ingest.statistics.snapshot.responders.first)
            #expect(responder.status == status)
            #expect(responder.processID == getpid())
            #expect(try #require(responder.clockDifferenceMilliseconds) < -1_700_000_000_000)
        }
    }

    @Test("records are durable in the journal by the time they are answered for")
    func durable() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            try await client.send(Sample.frame(1...3))
            #expect(try await client.receive() == .committed(3))
            #expect(try ingest.journal.numbers() == [[1, 2, 3]])
            #expect(ingest.statistics.snapshot.records == 3)
        }
    }

    @Test("a record of the far future happened now, one of the past or of this moment when it says")
    func future() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            let before = WallClock.nowMilliseconds()
            let times = [before, .max, 0, before + 86_400_000, .min, before + 60_000]
            let records = times.enumerated().map { Sample.bytes([Sample.record(UInt128($0 + 1), at: $1)]) }
            try await client.send(
                ResponderFrame.encodeRecords(records, count: records.count, byteCount: records.joined().count))
            #expect(try await client.receive() == .committed(6))
            let row = try #require(try ingest.journal.rows(after: ingest.journal.start).first)
            let kept = try row.batch.withUnsafeBytes { try Record.decodeAll($0).map(\.timeMilliseconds) }
            for index in [0, 2, 4, 5] { #expect(kept[index] == times[index]) }
            for index in [1, 3] { #expect((before...before + 60_000).contains(kept[index])) }
            #expect(ingest.log.lines.contains { $0.contains("2 records get this one's time") })
        }
    }

    @Test("a hello and records that arrive byte by byte are understood")
    func byteByByte() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try ingest.connect()
            for byte in ResponderFrame.encodeHello(epoch: SubjectEpoch(1)) + Sample.frame(1...2) {
                try await client.send([byte])
            }
            #expect(try await client.receive() == .welcome(version: 3, inFlightMax: IngestHandler.inFlightMax))
            #expect(try await client.receive() == .committed(2))
        }
    }

    @Test("a frame without records is neither answered nor refused")
    func noRecords() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            try await client.send(Sample.frame([]) + Sample.frame([1]))
            #expect(try await client.receive() == .committed(1))
        }
    }

    @Test("on many connections at once, every frame is answered in order, and every record is committed once")
    func manyConnections() async throws {
        try await IngestUnderTest().serve { ingest in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for responder in 0..<16 as Range<UInt128> {
                    tasks.addTask { try await forward(50, from: responder, to: ingest) }
                }
                try await tasks.waitForAll()
            }
            let numbers = Array(try ingest.journal.numbers().joined())
            #expect(numbers.count == 16 * 50 * 51 / 2)
            #expect(Set(numbers).count == numbers.count)
            for responder in 0..<16 as Range<UInt128> {
                let own = numbers.filter { $0 / 1_000_000 == responder }
                #expect(own == own.sorted())
            }
        }
    }

    @Test("records that are sent again on another connection are answered for and not added")
    func sentAgain() async throws {
        try await IngestUnderTest().serve { ingest in
            let first = try await ingest.greet()
            try await first.send(Sample.frame(1...3))
            #expect(try await first.receive() == .committed(3))
            let second = try await ingest.greet()
            try await second.send(Sample.frame(1...4))
            #expect(try await second.receive() == .committed(4))
            #expect(try ingest.journal.numbers() == [[1, 2, 3], [4]])
            #expect(ingest.statistics.snapshot.duplicates == 3)
        }
    }

    @Test("a full journal refuses, and the connection goes on")
    func full() async throws {
        try await IngestUnderTest(pagesMax: 16).serve { ingest in
            let client = try await ingest.greet()
            try await client.send(Sample.frame(1...5000))
            #expect(try await client.receive() == .refused(5000, .journalFull))
            try await client.send(Sample.frame([1]))
            #expect(try await client.receive() == .committed(1))
            #expect(try ingest.journal.numbers() == [[1]])
        }
    }

    @Test("tallies add up, whichever responder they come from")
    func tally() async throws {
        let (durable, expired) = (Self.kind(201, "durable"), Self.kind(401, "expired"))
        try await IngestUnderTest().serve { ingest in
            for count in 1...2 as ClosedRange<UInt64> {
                let client = try await ingest.greet()
                let entries = [TallyEntry(kind: durable, count: count * 10), TallyEntry(kind: expired, count: count)]
                try await client.send(ResponderFrame.encodeAnswers(entries) + Sample.frame([UInt128(count)]))
                // A tally is not answered, but what comes after it is.
                #expect(try await client.receive() == .committed(1))
            }
            #expect(ingest.statistics.snapshot.answers == [durable: 30, expired: 3])
        }
    }

    @Test("a responder that leaves is no longer counted as connected")
    func leaving() async throws {
        try await IngestUnderTest().serve { ingest in
            let staying = try await ingest.greet()
            var leaving: ResponderClient? = try await ingest.greet()
            #expect(ingest.statistics.snapshot.responders.count == 2)
            leaving = nil
            _ = leaving
            try await Patience.until { ingest.statistics.snapshot.responders.count == 1 }
            try await staying.send(Sample.frame([1]))
            #expect(try await staying.receive() == .committed(1))
        }
    }

    @Test("the socket has the mode it was given")
    func mode() async throws {
        let ingest = try await IngestUnderTest()
        var status = stat()
        #expect(stat(ingest.directory.socket, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o660)
        #expect(status.st_mode & S_IFMT == S_IFSOCK)
    }

    /// Sends frames of 1, 2, … `frameCount` records without waiting, then takes an answer for each.
    private func forward(_ frameCount: Int, from responder: UInt128, to ingest: IngestUnderTest) async throws {
        let client = try await ingest.greet()
        var next = responder * 1_000_000
        for size in 1...frameCount {
            try await client.send(Sample.frame(next..<next + UInt128(size)))
            next += UInt128(size)
        }
        for size in 1...frameCount { #expect(try await client.receive() == .committed(UInt32(size))) }
    }

    private static func kind(_ status: UInt16, _ reason: String) -> TallyEntry.Kind {
        TallyEntry.Kind(site: "default", status: status, reason: reason)
    }
}
