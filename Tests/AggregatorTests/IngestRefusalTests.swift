import Records
import Glibc
import SQLiteStorage
import EventLoop
import Testing

@testable import Aggregator

@Suite("Connections that the ingest service closes")
struct IngestRefusalTests {
    private static let hello = ResponderFrame.encodeHello(epoch: SubjectEpoch(1))

    /// What is sent on a new connection, and what the reason for closing it has to name.
    private static let refused: [(bytes: [UInt8], reason: String)] = [
        ([7, 0, 0, 0, 1, 0x52, 0x4F, 0x46, 0x50, 5, 0], "version 5"),
        ([7, 0, 0, 0, 1, 0x52, 0x4F, 0x46, 0x50, 0, 0], "version 0"),
        (
            [7, 0, 0, 0, 1, 0x52, 0x4F, 0x46, 0x50, 1, 0] + Sample.frame([1]),
            "older than what can be taken in: upgrade it"
        ),
        (
            [7, 0, 0, 0, 1, 0x52, 0x4F, 0x46, 0x50, 2, 0] + Sample.frame([1]),
            "older than what can be taken in: upgrade it"
        ),
        ([7, 0, 0, 0, 1, 0x47, 0x45, 0x54, 0x20, 1, 0], "not the forward protocol"),
        (Sample.frame([1]), "hello"),
        (ResponderFrame.encodeAnswers([]), "hello"),
        (Array("GET / HTTP/1.1\r\n\r\n".utf8), "over 1048576"),
        (hello + hello, "second hello"),
        (hello + [0, 0, 0, 0], "empty"),
        (hello + [1, 0, 16, 0], "over 1048576"),
        (hello + [1, 0, 0, 0, 99], "unknown"),
        (hello + [6, 0, 0, 0, 130, 1, 0, 0, 0, 0], "unknown"),
        (hello + [5, 0, 0, 0, 2, 1, 0, 0, 0], "as many records"),
        (hello + [5, 0, 0, 0, 3, 0, 0, 0, 0], "type 3 is unknown"),
        (hello + [6, 0, 0, 0, 5, 0, 0, 0, 0, 0], "left over"),
        (hello + Sample.frame([1]).dropLast(3) + [0xFF, 0xFE, 0xFD], "not UTF-8"),
    ]

    @Test("what is not the protocol is answered with a reason, and ends that connection only", arguments: refused)
    func closed(bytes: [UInt8], reason: String) async throws {
        try await IngestUnderTest().serve { ingest in
            let other = try await ingest.greet()
            let client = try ingest.connect()
            try await client.send(bytes)
            if bytes.starts(with: Self.hello) {
                #expect(try await client.receive() == .welcome(version: 4, inFlightMax: IngestServer.inFlightMax))
            }
            #expect(try await client.receiveClosing().contains(reason))
            #expect(ingest.log.lines.contains { $0.hasPrefix("warning:") && $0.contains(reason) })
            try await other.send(Sample.frame([2]))
            #expect(try await other.receive() == .committed(1))
            #expect(try ingest.journal.numbers() == [[2]])
        }
    }

    @Test("records before a malformed frame are recorded, and none after it")
    func inTheMiddle() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            try await client.send(Sample.frame([1]) + [0, 0, 0, 0] + Sample.frame([2]))
            while true {
                guard case .committed = try await client.receive() else { break }
            }
            #expect(try await client.ends())
            let other = try await ingest.greet()
            try await other.send(Sample.frame([3]))
            #expect(try await other.receive() == .committed(1))
            #expect(Array(try ingest.journal.numbers().joined()) == [1, 3])
        }
    }

    @Test("so many records as may be unanswered are all recorded")
    func inFlight() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            try await client.send(Sample.frame(1...UInt128(IngestServer.inFlightMax)))
            let count = Int(IngestServer.inFlightMax)
            #expect(try await client.receiveAnswers(count: count) == count)
        }
    }

    @Test("more unanswered records than may be close the connection")
    func overInFlight() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            // In one frame, so that none of them is answered before all are there.
            try await client.send(Sample.frame(1...UInt128(IngestServer.inFlightMax + 1)))
            #expect(try await client.receiveClosing().contains("more than \(IngestServer.inFlightMax) records"))
        }
    }

    @Test("answers that are not read count as not given, so that they cannot pile up")
    func answersUnread() async throws {
        try await IngestUnderTest().serve { ingest in
            let client = try await ingest.greet()
            let frames = Array(repeatElement(Sample.frame([1]), count: 1000).joined())
            let error = await #expect(throws: Patience.Failed.self) {
                // Far more answers than the limit and the socket's buffers hold. Never more than 1000 wait for the
                // journal, so it is their not being read that counts.
                for round in 1...200 {
                    try await client.send(frames)
                    try await Patience.until {
                        let snapshot = ingest.statistics.snapshot
                        return snapshot.records + snapshot.duplicates >= round * 1000 || snapshot.responders.isEmpty
                    }
                }
            }
            #expect([EPIPE, ECONNRESET].contains(try #require(error).code))
            #expect(ingest.log.lines.contains { $0.contains("records are unanswered") })
        }
    }

    @Test("peers of other users than the allowed ones are closed, and the service goes on refusing")
    func peers() async throws {
        let other = getuid() == 0 ? "daemon" : "root"
        try await IngestUnderTest(allowedPeers: [other]).serve { ingest in
            for _ in 1...3 {
                let client = try ingest.connect()
                #expect(try await client.ends())
            }
            #expect(ingest.log.lines.contains { $0.contains("allowedPeers") })
            #expect(ingest.statistics.snapshot.responders.isEmpty)
        }
    }

    @Test("peers of an allowed user are welcome")
    func allowedPeers() async throws {
        let own = try #require(getpwuid(getuid()))
        try await IngestUnderTest(allowedPeers: [String(cString: own.pointee.pw_name)]).serve { ingest in
            let client = try await ingest.greet()
            try await client.send(Sample.frame([1]))
            #expect(try await client.receive() == .committed(1))
        }
    }

    @Test("a socket that another service listens on is refused")
    func inUse() async throws {
        let first = try await IngestUnderTest()
        let recovered = try await Recovery(
            journal: first.journal, store: try SQLiteOutcomeStore(path: first.directory.store),
            storePath: first.directory.store)
        let error = #expect(throws: SocketFailure.self) {
            try IngestService(
                socket: first.directory.socket, access: UnixSocketAccess(mode: 0o660, group: nil),
                peers: try PeerPolicy(allowing: []), recovered: recovered,
                clock: SoundClock(), currentEpoch: try first.currentEpoch(), inbox: FoldInbox(),
                statistics: AggregatorStatistics(), logger: first.log.logger, onCommit: {})
        }
        #expect("\(try #require(error))".contains("another process listens there"))
    }
}
