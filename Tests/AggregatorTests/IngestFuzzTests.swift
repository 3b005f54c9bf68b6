import Records
import Glibc
import Testing
import TestSupport

@testable import Aggregator

@Suite("Hostile bytes on the ingest socket")
struct IngestFuzzTests {
    private static let connectionCount = 200

    /// Seeds are printed, so that what fails can be run again: put the one that failed in here. The second one begins with a
    /// whole hello of another epoch.
    private static let seeds: [UInt64] = [1, 17_338_806_043_883_639_766, .random(in: .min ... .max)]

    @Test("garbage never ends the service, nor anybody else's connection", arguments: seeds)
    func garbage(seed: UInt64) async throws {
        print("garbage on the ingest socket: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let pieces = (0..<Self.connectionCount).map { _ in
            generator.bytes(Int.random(in: 1...300, using: &generator))
        }
        try await survives(
            pieces.map { Bool.random(using: &generator) ? $0 : ResponderFrame.encodeHello(epoch: SubjectEpoch(1)) + $0 }
        )
    }

    @Test("frames with a byte changed, left out or added never end the service", arguments: seeds)
    func mutations(seed: UInt64) async throws {
        print("changed frames on the ingest socket: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let tally = TallyEntry(kind: .init(site: "default", status: 201, reason: "durable"), count: 3)
        let valid =
            ResponderFrame.encodeHello(epoch: SubjectEpoch(1)) + Sample.frame(1...4)
            + ResponderFrame.encodeAnswers([tally])
        try await survives((0..<Self.connectionCount).map { _ in Self.mutated(valid, &generator) })
    }

    /// Sends each of `messages` on a connection of its own, which then ends. Another connection has to outlive them all.
    private func survives(_ messages: [[UInt8]]) async throws {
        // Where no epoch is known yet, the first that comes is the one that counts, and that may be a changed one.
        try await IngestUnderTest(epochs: [SubjectEpoch(1)]).serve { ingest in
            let witness = try await ingest.greet()
            for (number, message) in messages.enumerated() {
                try await sendAndLeave(message, to: ingest)
                let record = UInt128(1_000_000 + number)
                try await witness.send(Sample.frame([record]))
                #expect(try await witness.receive() == .committed(1))
            }
            let numbers = Array(try ingest.journal.numbers().joined())
            #expect(Set(numbers).count == numbers.count)
            #expect((0..<messages.count).allSatisfy { numbers.contains(UInt128(1_000_000 + $0)) })
            // All that came and went is gone again.
            try await Patience.until { ingest.statistics.snapshot.responders.count == 1 }
        }
    }

    /// The aggregator may close before it has read everything.
    private func sendAndLeave(_ message: [UInt8], to ingest: IngestUnderTest) async throws {
        let client = try ingest.connect()
        do {
            try await client.send(message)
        } catch let failure as Patience.Failed where [EPIPE, ECONNRESET].contains(failure.code) {}
    }

    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = bytes.indices.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[index] = .random(in: .min ... .max, using: &generator)
            case 1: bytes.remove(at: index)
            default: bytes.insert(.random(in: .min ... .max, using: &generator), at: index)
            }
        }
        return bytes
    }
}
