import Testing

@testable import FastCGI

@Suite("Peers that stall", .timeLimit(.minutes(5)))
struct DeadlineTests {
    private static let limits = TestServer.limits(requestDeadlineMilliseconds: 50)
    /// For requests that come in two pieces and are to be in time, however busy the machine is.
    private static let roomyLimits = TestServer.limits(requestDeadlineMilliseconds: 3_000)

    @Test(
        "a peer that stalls amid a request is closed, wherever it stalls, while others are served",
        arguments: Transport.allCases)
    func stalled(transport: Transport) async throws {
        try await TestServer.run(transport, limits: Self.limits) { server in
            let request = Wire.request([("NAME", "value")], body: Array("body".utf8))
            let stalled = try stride(from: 1, to: request.count, by: 10).map { count in
                let client = try server.connect()
                try client.send(Array(request.prefix(count)))
                return client
            }
            for _ in 0..<20 { try server.expectAnswer() }
            for client in stalled { #expect(try client.receiveToEnd().isEmpty) }
            try server.expectAnswer()
            #expect(server.handled.events.count == 21)
        }
    }

    @Test("a peer that sends a little ever so often is closed, too")
    func trickling() async throws {
        try await TestServer.run(.tcp, limits: Self.limits) { server in
            let client = try server.connect()
            let request = Wire.begin() + Wire.header(Wire.RecordType.parameters, contentBytes: 60_000)
            try client.send(request)
            // Goes on sending until the server has closed: the deadline is the request's, not each byte's.
            while client.trySending([0]), !client.hasArrivals { try server.expectAnswer() }
            #expect(try client.receiveToEnd().isEmpty)
        }
    }

    @Test(
        "a connection that nobody sends a request on is closed, fresh or used, and one that is used is not",
        arguments: Transport.allCases)
    func idleLimit(transport: Transport) async throws {
        let gate = Gate()
        let limits = TestServer.limits(idleMilliseconds: 400)
        try await TestServer.run(transport, limits: limits, handler: gate.hold) { server in
            let slow = try server.connect()
            try slow.send(Wire.request([("NAME", "slow")], body: Array("slow".utf8)))
            await gate.awaitArrivals()
            let fresh = try server.connect()
            let used = try server.connect()
            #expect(try used.exchange(Wire.request(body: "used")).body == "used")
            #expect(try fresh.receiveToEnd().isEmpty)
            #expect(try used.receiveToEnd().isEmpty)
            #expect(await server.server.connectionCount == 1)
            #expect(!slow.hasArrivals)
            gate.open()
            #expect(try slow.receive().body == "slow")
            #expect(try slow.receiveToEnd().isEmpty)
            try server.expectAnswer()
        }
    }

    @Test(
        "an idle connection has no deadline but its own, nor has a request that is being handled",
        arguments: Transport.allCases)
    func idle(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, limits: Self.roomyLimits, handler: gate.hold) { server in
            let fresh = try server.connect()
            let used = try server.connect()
            let slow = try server.connect()
            // Requests that arrive in two pieces start their deadline.
            try sendInTwo(Wire.request(body: "used"), over: used, server)
            #expect(try used.receive().body == "used")
            try sendInTwo(Wire.request([("NAME", "slow")], body: Array("slow".utf8)), over: slow, server)
            await gate.awaitArrivals()
            // One that begins to stall later is closed, so theirs has passed.
            let stalled = try server.connect()
            try stalled.send([1])
            #expect(try stalled.receiveToEnd().isEmpty)
            #expect(try fresh.exchange(Wire.request(body: "fresh")).body == "fresh")
            #expect(try used.exchange(Wire.request(body: "again")).body == "again")
            #expect(!slow.hasArrivals)
            gate.open()
            #expect(try slow.receive().body == "slow")
        }
    }

    @Test("each request on a kept connection has a deadline of its own")
    func nextRequest() async throws {
        try await TestServer.run(limits: Self.roomyLimits) { server in
            let client = try server.connect()
            try sendInTwo(Wire.request(body: "first"), over: client, server)
            #expect(try client.receive().body == "first")
            try client.send(Array(Wire.request(body: "second").prefix(20)))
            #expect(try client.receiveToEnd().isEmpty)
            #expect(server.handled.events.allSatisfy { $0.bodyBytes != Array("second".utf8) })
        }
    }

    /// Sends a request in two pieces of which the server sees the first one alone.
    private func sendInTwo(_ request: [UInt8], over client: Client, _ server: TestServer) throws {
        try client.send(Array(request.prefix(20)))
        try server.expectAnswer()
        try client.send(Array(request.dropFirst(20)))
    }
}
