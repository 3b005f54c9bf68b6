import Testing
import TestSupport

@testable import FastCGI

@Suite("Hostile peers", .timeLimit(.minutes(5)))
struct HostilityTests {
    private static let request = Wire.request([("NAME", "value")], body: Array("body".utf8))

    @Test("a request that arrives byte by byte is served, and so is the next on its connection")
    func byteByByte() async throws {
        try await TestServer.run(.tcp) { server in
            let client = try server.connect()
            for _ in 0..<3 {
                for byte in Self.request { try client.send([byte]) }
                #expect(try client.receive().body == "body")
            }
            #expect(server.handled.events.count == 3)
        }
    }

    @Test("a request that arrives in pieces that the server sees one by one is served", arguments: Transport.allCases)
    func pieces(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            for start in stride(from: 0, to: Self.request.count, by: 7) {
                #expect(!client.hasArrivals)
                try client.send(Array(Self.request[start..<min(start + 7, Self.request.count)]))
                try server.expectAnswer()
            }
            #expect(try client.receive().body == "body")
        }
    }

    @Test("a request that ends early, at whatever byte, is never handled", arguments: Transport.allCases)
    func truncated(transport: Transport) async throws {
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 1)) { server in
            for count in Self.request.indices {
                let client = try server.connect()
                try client.send(Array(Self.request.prefix(count)))
                client.finishSending()
                #expect(try client.receiveToEnd().isEmpty)
            }
            #expect(server.handled.events.isEmpty)
            try server.expectAnswer()
        }
    }

    @Test("a second request that ends early is not handled either", arguments: Transport.allCases)
    func truncatedSecond(transport: Transport) async throws {
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 1)) { server in
            for count in Self.request.indices {
                let client = try server.connect()
                #expect(try client.exchange(Self.request).body == "body")
                try client.send(Array(Self.request.prefix(count)))
                client.finishSending()
                #expect(try client.receiveToEnd().isEmpty)
            }
            #expect(server.handled.events.count == Self.request.count)
        }
    }

    @Test(
        "management records, however many, end their connection and no more",
        arguments: [Wire.RecordType.getValues, Wire.RecordType.unknown])
    func management(type: UInt8) async throws {
        let names = ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"]
        let content = Array(repeatElement(names.flatMap { Wire.pair($0, "") }, count: 40).joined())
        let records = Array(repeatElement(Wire.record(type, id: 0, content), count: 20).joined())
        try await TestServer.run { server in
            for place in RequestRefusalTests.places {
                let client = try server.connect()
                client.trySending(place + records)
                #expect(try client.receiveToEnd().isEmpty)
            }
            #expect(server.handled.events.isEmpty)
            try server.expectAnswer()
        }
    }

    @Test(
        "lengths that end libfcgi's process do not end this one",
        arguments: [(1 << 30) - 1, 1 << 30, (1 << 31) - 2, (1 << 31) - 1])
    func hugeLengths(length: Int) async throws {
        try await TestServer.run { server in
            for lengths in [
                Wire.length(length) + [1], [1] + Wire.length(length), Wire.length(length) + Wire.length(length),
            ] {
                let client = try server.connect()
                client.trySending(Wire.begin() + Wire.stream(4, lengths + [0x41, 0x42]) + Wire.record(5))
                #expect(try client.receiveToEnd().isEmpty)
            }
            #expect(server.handled.events.isEmpty)
            try server.expectAnswer()
        }
    }

    @Test("records that are hidden in padding are not looked at")
    func hiddenInPadding() async throws {
        let names = ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"]
        let values = Array(repeatElement(names.flatMap { Wire.pair($0, "") }, count: 4).joined())
        let hidden = Wire.record(Wire.RecordType.getValues, id: 0, values)
        let padding = hidden + [UInt8](repeating: 0, count: 255 - hidden.count)
        let begin = Wire.header(1, contentBytes: 8, padding: 255) + Wire.beginContent() + padding
        let parameters = Wire.parameters([("NAME", "value")])
        let paddedParameters = parameters.dropLast(8) + Wire.header(4, contentBytes: 0, padding: 255) + padding
        let paddedBody = Wire.header(5, contentBytes: 0, padding: 255) + padding
        try await TestServer.run { server in
            for request in [
                begin + parameters + Wire.record(5), Wire.begin() + paddedParameters + Wire.record(5),
                Wire.begin() + parameters + paddedBody,
            ] {
                let client = try server.connect()
                client.trySending(request)
                #expect(try client.receiveToEnd().isEmpty)
            }
            #expect(server.handled.events.isEmpty)
            // Padding behind content is skipped, whatever it holds.
            let content = Wire.pair("NAME", "value")
            let skipped = Wire.header(4, contentBytes: content.count, padding: 255) + content + padding
            let answer = try server.connect().exchange(Wire.begin() + skipped + Wire.record(4) + Wire.record(5))
            #expect(answer.header("X-Name") == "value")
        }
    }

    @Test("a request that is too long ends its connection", arguments: Transport.allCases)
    func tooLong(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let pairs = (0..<200).map { ("HTTP_X_\($0)", String(repeating: "v", count: 1_000)) }
            client.trySending(Wire.request(pairs))
            #expect(try client.receiveToEnd().isEmpty)
            #expect(server.handled.events.isEmpty)
            try server.expectAnswer()
        }
    }

    @Test(
        "random bytes, on thousands of connections, end those connections and no more",
        arguments: [1, 2, 3] as [UInt64])
    func randomBytes(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await TestServer.run(limits: TestServer.limits(connectionsMax: 1)) { server in
            for _ in 0..<500 {
                try expectEnd(of: random.bytes(Int.random(in: 1...200, using: &random)), server, seed)
            }
            #expect(server.handled.events.isEmpty, "seed \(seed)")
            try server.expectAnswer()
        }
    }

    @Test("records in random order are survived", arguments: [4, 5, 6] as [UInt64])
    func randomRecords(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await TestServer.run(limits: TestServer.limits(connectionsMax: 1)) { server in
            for _ in 0..<1_000 {
                let records = (0..<Int.random(in: 0...6, using: &random)).flatMap { _ in randomRecord(&random) }
                try expectEnd(of: Wire.begin() + records, server, seed)
            }
            try server.expectAnswer()
        }
    }

    @Test("requests with random damage are survived", arguments: [7, 8, 9] as [UInt64])
    func randomDamage(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await TestServer.run(limits: TestServer.limits(connectionsMax: 1)) { server in
            for _ in 0..<1_000 {
                var bytes = GuardedRequests.whole.randomElement(using: &random)?.bytes ?? []
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    damage(&bytes, &random)
                }
                try expectEnd(of: bytes, server, seed)
            }
            try server.expectAnswer()
        }
    }

    /// Sends the bytes on a connection of their own, and expects that it ends, after an answer or without one.
    private func expectEnd(of bytes: [UInt8], _ server: TestServer, _ seed: UInt64) throws {
        let client = try server.connect()
        client.trySending(bytes)
        client.finishSending()
        #expect(throws: Never.self, "seed \(seed)") { try client.receiveToEnd() }
    }

    private func randomRecord(_ random: inout SeededGenerator) -> [UInt8] {
        let types: [UInt8] = [4, 4, 4, 4, 5, 5, 5, 1, 2, 8, 9]
        let contents: [[UInt8]] = [[], [], Wire.pair("A", "b"), GuardedRequests.pairs, random.bytes(20)]
        return Wire.record(
            types.randomElement(using: &random) ?? 4, id: Int.random(in: 0...40, using: &random) == 0 ? 2 : 1,
            contents.randomElement(using: &random) ?? [], padding: [0, 0, 1, 255].randomElement(using: &random) ?? 0)
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(contentsOf: random.bytes(Int.random(in: 1...9, using: &random)), at: index)
        default: bytes.append(contentsOf: bytes[index...])
        }
    }
}
