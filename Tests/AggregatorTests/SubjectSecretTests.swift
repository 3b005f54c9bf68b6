import Foundation
import Records
import SQLiteStorage
import Testing
import TestSupport

@testable import Aggregator

@Suite("A subject secret that is another one")
struct SubjectSecretTests {
    private static func connect(_ epoch: UInt128, to ingest: IngestUnderTest) async throws -> ResponderClient {
        let client = try ingest.connect()
        try await client.send(ResponderFrame.encodeHello(epoch: SubjectEpoch(epoch)))
        return client
    }

    /// Whether records of that epoch become durable; the reason where the connection is closed.
    private static func forward(_ number: UInt128, of epoch: UInt128, to ingest: IngestUnderTest) async throws -> String
    {
        let client = try await connect(epoch, to: ingest)
        let greeting = try await client.receive()
        if case .closing(let reason) = greeting { return "at once: \(reason)" }
        try await client.send(Sample.frame([number]))
        switch try await client.receive() {
        case .committed: return "durable"
        case .closing(let reason): return reason
        case let frame: return "\(frame)"
        }
    }

    private static func mark(_ ingest: IngestUnderTest) -> String? {
        try? String(contentsOfFile: ingest.directory.path + "/subject.epoch", encoding: .utf8)
    }

    @Test("is refused at the hello with the way out, and records nothing")
    func refused() async throws {
        try await IngestUnderTest().serve { ingest in
            let answer1 = try await Self.forward(1, of: 7, to: ingest)
            #expect(answer1 == "durable")
            let reason = try await Self.forward(2, of: 8, to: ingest)
            #expect(reason.hasPrefix("at once: its subject secret is not the one"))
            #expect(reason.contains("--new-subject-secret"))
            #expect(try ingest.journal.numbers() == [[1]])
            #expect(ingest.statistics.snapshot.responders.count <= 1)
            #expect(ingest.log.lines.contains { $0.contains("its subject secret is not the one") })
            let answer3 = try await Self.forward(3, of: 7, to: ingest)
            #expect(answer3 == "durable")
        }
    }

    @Test("is known from a file that only the aggregator's user reads, whatever becomes of the store")
    func file() async throws {
        let path = try TemporaryDirectory()
        let (file, log) = (path.path + "/subject.epoch", LogRecorder())
        let first = try CurrentEpoch(path: file, stored: [], logger: log.logger)
        #expect(first.refusal(ofPeer: SubjectEpoch(7)) == nil)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(first.refusal(ofRecords: SubjectEpoch(7)) == nil)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == String(repeating: "0", count: 31) + "7\n")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try CurrentEpoch(path: file, stored: [], logger: log.logger)
        #expect(again.refusal(ofPeer: SubjectEpoch(8)) != nil)
        #expect(again.refusal(ofRecords: SubjectEpoch(8)) != nil)
        #expect(again.refusal(ofRecords: SubjectEpoch(7)) == nil)
    }

    @Test("of a data directory without that file is held against the last one that the store knows")
    func stored() async throws {
        try await IngestUnderTest(epochs: [SubjectEpoch(6), SubjectEpoch(7)]).serve { ingest in
            #expect(Self.mark(ingest)?.hasSuffix("07\n") == true)
            let answer1 = try await Self.forward(1, of: 8, to: ingest)
            #expect(answer1.hasPrefix("at once"))
            // An earlier one may erase visitors of then, and bring none.
            let answer2 = try await Self.forward(2, of: 6, to: ingest)
            #expect(answer2.hasPrefix("its subject secret is not the one"))
            let answer3 = try await Self.forward(3, of: 7, to: ingest)
            #expect(answer3 == "durable")
            #expect(try ingest.journal.numbers() == [[3]])
        }
    }

    @Test("that the operator means becomes the current one, once")
    func meant() async throws {
        try await IngestUnderTest(epochs: [SubjectEpoch(7)], mayChange: true).serve { ingest in
            let answer1 = try await Self.forward(1, of: 7, to: ingest)
            #expect(answer1 == "durable")
            let answer2 = try await Self.forward(2, of: 8, to: ingest)
            #expect(answer2 == "durable")
            #expect(Self.mark(ingest)?.hasSuffix("08\n") == true)
            let answer3 = try await Self.forward(3, of: 9, to: ingest)
            #expect(answer3.hasPrefix("at once"))
            let answer4 = try await Self.forward(4, of: 7, to: ingest)
            #expect(answer4 != "durable")
        }
    }

    @Test("may come after a later start, too, once the operator has said that it is meant")
    func awaited() throws {
        let directory = try TemporaryDirectory()
        let (file, log) = (directory.path + "/subject.epoch", LogRecorder())
        let known = [SubjectEpoch(7)]
        _ = try CurrentEpoch(path: file, stored: known, logger: log.logger)
        _ = try CurrentEpoch(path: file, stored: known, mayChange: true, logger: log.logger)
        let later = try CurrentEpoch(path: file, stored: known, logger: log.logger)
        #expect(later.refusal(ofRecords: SubjectEpoch(7)) == nil)
        #expect(later.refusal(ofPeer: SubjectEpoch(8)) == nil)
        #expect(later.refusal(ofRecords: SubjectEpoch(8)) == nil)
        #expect(later.refusal(ofRecords: SubjectEpoch(7)) != nil)
        let last = try CurrentEpoch(path: file, stored: known, logger: log.logger)
        #expect(last.refusal(ofPeer: SubjectEpoch(9)) != nil)
        #expect(last.refusal(ofRecords: SubjectEpoch(8)) == nil)
    }

    @Test("cannot be told where the file is damaged, and that is no start", arguments: ["", "7\n", "zz\n"])
    func damaged(content: String) throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/subject.epoch"
        try Data(content.utf8).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: RecoveryError.self) {
            try CurrentEpoch(path: file, stored: [SubjectEpoch(7)], logger: LogRecorder().logger)
        }
        #expect("\(try #require(error))".contains("does not hold 32 hexadecimal digits"))
    }
}
