import Records
import Glibc
import Synchronization
import Testing

@testable import Aggregator

@Suite("The ingest service")
struct IngestTests {
    @Test("a hello is welcomed, with the version and how many records may be unanswered")
    func hello() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try ingest.connect()
            try await client.send(ResponderFrame.encodeHello(epoch: SubjectEpoch(1)))
            #expect(try await client.receive() == .welcome(version: 4, inFlightMax: IngestServer.inFlightMax))
            #expect(ingest.statistics.snapshot.responders.count == 1)
        }
    }

    @Test("a responder of the version before is welcomed with its own version, and its records are committed")
    func earlierVersion() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try ingest.connect()
            let epoch = [UInt8](repeating: 1, count: 16)
            try await client.send([23, 0, 0, 0, 1] + Array("ROFP".utf8) + [3, 0] + epoch)
            #expect(try await client.receive() == .welcome(version: 3, inFlightMax: IngestServer.inFlightMax))
            let record = Sample.bytes([Sample.record(1)])
            try await client.send([UInt8(record.count + 5), 0, 0, 0, 2, 1, 0, 0, 0] + record)
            #expect(try await client.receive() == .committed(1))
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

    /// The times under which records are in the journal that were sent with these.
    private func kept(
        _ times: [Int64], sent: Int64, in ingest: IngestUnderTest
    ) async throws -> [Int64] {
        let client = try await ingest.greet()
        let records = times.enumerated().map { Sample.bytes([Sample.record(UInt128($0 + 1), at: $1)]) }
        try await client.send(
            ResponderFrame.encodeRecords(
                Array(records.joined())[...], count: records.count, sentMilliseconds: sent))
        #expect(try await client.receive() == .committed(UInt32(times.count)))
        let row = try #require(try ingest.journal.rows(after: ingest.journal.start).first)
        return try row.batch.withUnsafeBytes { try Record.decodeAll($0).map(\.timeMilliseconds) }
    }

    private static let minute: Int64 = 60_000

    @Test(
        "a responder whose clock is wrong does not date its records, but their ages hold",
        arguments: [-1_700_000_000_000, -90_000, 90_000, 315_360_000_000] as [Int64])
    func wrongClock(skew: Int64) async throws {
        let now: Int64 = 1_700_000_000_000
        let clock = SoundClock(wall: { now }, elapsed: { 0 })
        try await IngestUnderTest(clock: clock).serve { ingest in
            let sent = now + skew
            let ages = [0, 20, 59 * Self.minute, 2 * 60 * Self.minute, -10 * Self.minute, -20]
            let kept = try await kept(ages.map { sent - $0 }, sent: sent, in: ingest)
            #expect(kept == [now, now - 20, now - 59 * Self.minute, now, now, now])
            #expect(ingest.statistics.snapshot.timesSetRight == 6)
            #expect(ingest.log.lines.contains { $0.contains("6 records get the time of arrival, 6 since") })
        }
    }

    @Test("with clocks that agree records keep their times, those of a line that waited for an hour too")
    func rightClock() async throws {
        let now: Int64 = 1_700_000_000_000
        let clock = SoundClock(wall: { now }, elapsed: { 0 })
        try await IngestUnderTest(clock: clock).serve { ingest in
            let times = [now, now - 2000, now - 60 * Self.minute, now + 1000]
            let kept = try await kept(times, sent: now + 500, in: ingest)
            #expect(kept == times)
            #expect(ingest.statistics.snapshot.timesSetRight == 0)
            #expect(ingest.log.lines.allSatisfy { !$0.contains("clock") })
        }
    }

    @Test("an aggregator whose clock is in doubt goes by the time of a responder that can be right")
    func doubtfulClock() async throws {
        let last: Int64 = 1_700_000_000_000
        let clock = SoundClock(last: last, wall: { 0 }, elapsed: { 0 })
        try await IngestUnderTest(clock: clock).serve { ingest in
            let sent = last + 5 * 60 * Self.minute
            let kept = try await kept([sent - 20], sent: sent, in: ingest)
            #expect(kept == [sent - 20])
            let row = try #require(try ingest.journal.rows(after: ingest.journal.start).first)
            #expect(row.committedMilliseconds == sent)
        }
    }

    @Test("an aggregator ten years ahead dates records of as wrong a responder by the last commit")
    func aheadTogether() async throws {
        let last: Int64 = 1_700_000_000_000
        let ahead = last + 315_360_000_000
        let clock = SoundClock(last: last, wall: { ahead }, elapsed: { 0 })
        try await IngestUnderTest(clock: clock).serve { ingest in
            let kept = try await kept([ahead - 20], sent: ahead, in: ingest)
            #expect(kept == [last - 20])
            let row = try #require(try ingest.journal.rows(after: ingest.journal.start).first)
            #expect(row.committedMilliseconds == last)
        }
    }

    @Test("an aggregator whose clock jumps ahead for one commit dates that one right, and the next as well")
    func jumpedAhead() async throws {
        let now: Int64 = 1_700_000_000_000
        let ahead = Mutex<Int64>(0)
        let clock = SoundClock(last: now, wall: { now + ahead.withLock { $0 } }, elapsed: { 0 })
        try await IngestUnderTest(clock: clock).serve { ingest in
            let client = try await ingest.greet()
            for (number, days) in [(1, 0), (2, 20), (3, 0)] as [(UInt128, Int64)] {
                ahead.withLock { $0 = days * 86_400_000 }
                // Responders share the machine, and its clock.
                let time = now + days * 86_400_000
                let record = Sample.bytes([Sample.record(number, at: time)])
                try await client.send(ResponderFrame.encodeRecords(record[...], count: 1, sentMilliseconds: time))
                #expect(try await client.receive() == .committed(1))
            }
            let rows = try ingest.journal.rows(after: ingest.journal.start)
            #expect(rows.map(\.committedMilliseconds) == [now, now, now])
            for row in rows {
                let times = try row.batch.withUnsafeBytes { try Record.decodeAll($0).map(\.timeMilliseconds) }
                #expect(times == [now])
            }
        }
    }

    @Test("of a responder that does not tell its clock a record of the far past or future happened now")
    func future() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            let before = WallClock.nowMilliseconds()
            let times = [before, .max, 0, before + 86_400_000, .min, before - 3_500_000]
            let records = Sample.bytes(times.enumerated().map { Sample.record(UInt128($0 + 1), at: $1) })
            // As version 3 has it.
            var frame: [UInt8] = []
            frame.append(littleEndian: UInt32(records.count + 5))
            frame.append(2)
            frame.append(littleEndian: UInt32(times.count))
            try await client.send(frame + records)
            #expect(try await client.receive() == .committed(6))
            let row = try #require(try ingest.journal.rows(after: ingest.journal.start).first)
            let kept = try row.batch.withUnsafeBytes { try Record.decodeAll($0).map(\.timeMilliseconds) }
            for index in [0, 5] { #expect(kept[index] == times[index]) }
            for index in [1, 2, 3, 4] { #expect((before...before + 60_000).contains(kept[index])) }
            #expect(ingest.log.lines.contains { $0.contains("4 records get the time of arrival") })
        }
    }

    @Test("a hello and records that arrive byte by byte are understood")
    func byteByByte() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try ingest.connect()
            for byte in ResponderFrame.encodeHello(epoch: SubjectEpoch(1)) + Sample.frame(1...2) {
                try await client.send([byte])
            }
            #expect(try await client.receive() == .welcome(version: 4, inFlightMax: IngestServer.inFlightMax))
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
