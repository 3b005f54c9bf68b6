import Records
import Foundation
import Journal
import Testing
import TestSupport

@testable import Aggregator

@Suite("The ingest service's end")
struct IngestStoppingTests {
    @Test("what has arrived when it is asked to stop is made durable and answered for, then connections end")
    func answersWhatHasArrived() async throws {
        let gate = Gate()
        try await IngestUnderTest(onCommit: { gate.pass() }).serve { ingest in
            defer { gate.open() }
            let client = try await ingest.greet()
            try await client.send(Sample.frame([1]))
            // The journal is at work with the first record; these wait in the socket.
            await gate.awaitArrival()
            try await client.send(Sample.frame(2...5) + Sample.frame([6]))
            await ingest.stop()
            gate.open()
            #expect(try await client.receiveAnswers(count: 6) == 6)
            #expect(try await client.ends())
            #expect(Array(try ingest.journal.numbers().joined()) == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("the socket's path is removed")
    func path() async throws {
        let ingest = try await IngestUnderTest()
        try await ingest.serve { ingest in
            _ = try await ingest.greet()
            #expect(FileManager.default.fileExists(atPath: ingest.directory.socket))
        }
        #expect(!FileManager.default.fileExists(atPath: ingest.directory.socket))
    }

    @Test("connections that say nothing do not keep it")
    func silentConnections() async throws {
        let ingest = try await IngestUnderTest()
        var clients: [ResponderClient] = []
        try await ingest.serve { ingest in
            clients = [try ingest.connect(), try await ingest.greet()]
        }
        for client in clients { #expect(try await client.ends()) }
    }

    @Test("a journal that can be used no more ends it with the journal's error, and nothing more is answered")
    func finalFailure() async throws {
        let ingest = try await IngestUnderTest()
        let error = await #expect(throws: JournalError.self) {
            try await ingest.serve { ingest in
                let client = try await ingest.greet()
                let fault = try DescriptorFault(path: ingest.directory.journal + "-wal", device: "/dev/null")
                try await client.send(Sample.frame([1]))
                #expect(try await client.ends())
                fault.heal()
            }
        }
        guard case .inputOutput = error else { throw try #require(error) }
        #expect(!FileManager.default.fileExists(atPath: ingest.directory.socket))
    }
}
