import Testing

@testable import FastCGI

@Suite("Bodies that are not what they should be", .timeLimit(.minutes(5)))
struct BodyTests {
    /// Bodies made of FastCGI records, to be taken for the connection's next.
    private static let crafted: [[UInt8]] = [
        Wire.request([("NAME", "smuggled")], body: Array("smuggled".utf8)),
        Wire.record(Wire.RecordType.body) + Wire.request([("NAME", "smuggled")]),
        Wire.record(Wire.RecordType.getValues, id: 0, Wire.pair("FCGI_MAX_CONNS", "")),
        Wire.record(Wire.RecordType.abort),
        [UInt8](repeating: 0, count: 64),
    ]

    @Test("a body of FastCGI records is a body, and the next request is the next", arguments: crafted)
    func craftedBody(body: [UInt8]) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let first = try client.exchange(Wire.request([("NAME", "true")], body: body))
            #expect(first.header("X-Name") == "true")
            #expect(try client.exchange(Wire.request(body: "next")).body == "next")
            #expect(server.handled.events.map(\.bodyBytes) == [body, Array("next".utf8)])
        }
    }

    @Test("what a body holds beyond its announced length is not taken for a request", arguments: crafted)
    func longerThanAnnounced(body: [UInt8]) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let announced = [("CONTENT_LENGTH", "2")]
            try client.send(Wire.begin() + Wire.parameters(announced) + Wire.body(Array("{}".utf8) + body))
            #expect(try client.receive().body == "\(2 + body.count), not 2")
            #expect(try client.receiveToEnd().isEmpty)
            #expect(server.handled.events.count == 1)
            try server.expectAnswer()
        }
    }

    @Test(
        "a body of another length than announced is told, and ends its connection", arguments: Transport.allCases,
        ["0", "3", "5", "400", "x"])
    func otherLength(transport: Transport, announced: String) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let request = Wire.begin() + Wire.parameters([("CONTENT_LENGTH", announced)]) + Wire.body([1, 2, 3, 4])
            #expect(try client.exchange(request).body == "4, not \(announced)")
            #expect(try client.receiveToEnd().isEmpty)
            try server.expectAnswer()
        }
    }

    @Test(
        "a body over its limit is answered and ends its connection, whether or not it was sent",
        arguments: Transport.allCases, [0, 1_000, 20_000])
    func tooLarge(transport: Transport, sentBytes: Int) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            try client.send(
                Wire.begin() + Wire.parameters([("CONTENT_LENGTH", "20000")])
                    + Wire.header(Wire.RecordType.body, contentBytes: 20_000) + [UInt8](repeating: 1, count: sentBytes))
            #expect(try client.receive().status == "413 Content Too Large")
            #expect(try client.receiveToEnd().isEmpty)
            #expect(server.handled.events.count == 1)
            guard case .tooLarge? = server.handled.events.first?.body else {
                Issue.record("the body was not found too large")
                return
            }
            try server.expectAnswer()
        }
    }

    @Test("a body over its limit in many records is answered, too", arguments: Transport.allCases)
    func tooLargeInPieces(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let body = Wire.body([UInt8](repeating: 1, count: 20_000), recordBytes: 1_000)
            try client.send(Wire.begin() + Wire.parameters([("NAME", "x")]) + body)
            #expect(try client.receive().status == "413 Content Too Large")
            #expect(try client.receiveToEnd().isEmpty)
        }
    }

    @Test(
        "a peer that goes on sending a body that is too large is not cut off before it has read the answer",
        arguments: Transport.allCases)
    func tooLargeAndStillComing(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let body = Wire.stream(Wire.RecordType.body, [UInt8](repeating: 1, count: 64 * 1024), recordBytes: 8_000)
            try client.send(Wire.begin() + Wire.parameters([("NAME", "x")]) + body.prefix(20_000))
            // Answered, and the rest is taken all the same.
            #expect(try client.receive().status == "413 Content Too Large")
            try client.send(Array(body.dropFirst(20_000)))
            try server.expectAnswer()
            #expect(try client.receiveToEnd().isEmpty)
            try client.send([1])
            #expect(await server.server.connectionCount <= 2)
        }
    }

    @Test("a peer that never stops sending is cut off", arguments: Transport.allCases)
    func endless(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let body = Wire.record(Wire.RecordType.body, [UInt8](repeating: 1, count: 60_000))
            try client.send(Wire.begin() + Wire.parameters([]))
            var isOpen = true
            for _ in 0..<100 where isOpen { isOpen = client.trySending(body) }
            #expect(!isOpen)
            try server.expectAnswer()
        }
    }

    @Test("a peer that neither sends nor closes after such an answer is closed")
    func answeredAndStalling() async throws {
        try await TestServer.run(limits: TestServer.limits(requestDeadlineMilliseconds: 100)) { server in
            let client = try server.connect()
            try client.send(
                Wire.begin() + Wire.parameters([]) + Wire.header(Wire.RecordType.body, contentBytes: 20_000))
            #expect(try client.receive().status == "413 Content Too Large")
            // Sending fails once the server has closed, and not before.
            while client.trySending([1]) { try server.expectAnswer() }
        }
    }

    @Test("requests in a body that is too large are never served")
    func smuggledInTooLarge() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let smuggled = Wire.request([("NAME", "smuggled")])
            let body = Array(repeatElement(smuggled, count: 16_500 / smuggled.count + 1).joined())
            client.trySending(Wire.begin() + Wire.parameters([]) + Wire.body(body))
            #expect(try client.receive().status == "413 Content Too Large")
            #expect(try client.receiveToEnd().isEmpty)
            try server.expectAnswer()
            #expect(server.handled.events.count == 2)
            #expect(server.handled.events.allSatisfy { $0.parameters.text("NAME") == nil })
        }
    }
}
