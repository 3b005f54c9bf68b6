import Dispatch
import Testing

@testable import FastCGI

@Suite("Connections", .timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test("1,500 connections at once are all served, and kept", arguments: Transport.allCases)
    func many(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let clients = try (0..<1_500).map { _ in try server.connect() }
            for round in 0..<2 {
                for (number, client) in clients.enumerated() {
                    try client.send(Wire.request(body: "\(number) in \(round)"))
                }
                for (number, client) in clients.enumerated() {
                    #expect(try client.receive().body == "\(number) in \(round)")
                }
            }
            #expect(server.handled.events.count == 3_000)
        }
    }

    @Test(
        "connections that come all at once, more than are accepted at a time, are all served",
        arguments: Transport.allCases)
    func burst(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            // The loop stands still until all have connected, so that it is told of them once.
            let standstill = DispatchSemaphore(value: 0)
            let standing = Task(executorPreference: server.loop.executor) { wait(for: standstill) }
            let clients = try (0..<500).map { _ in try server.connect() }
            for client in clients { try client.send(Wire.request(body: "served")) }
            standstill.signal()
            await standing.value
            for client in clients { #expect(try client.receive().body == "served") }
        }
    }

    @Test(
        "connections over connectionsMax wait while all others are busy, and are served when one is not",
        arguments: Transport.allCases)
    func connectionsMax(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 2), handler: gate.hold) {
            server in
            let busy = try (0..<2).map { _ in try server.connect() }
            for client in busy { try client.send(Wire.request([("NAME", "slow")], body: Array("slow".utf8))) }
            await gate.awaitArrivals(2)
            let waiting = try (0..<5).map { _ in try server.connect() }
            for client in waiting { try client.send(Wire.request(body: "waited", keepsConnection: false)) }
            // The server has had its chance to accept one of them when it has run a later task.
            await Task(executorPreference: server.loop.executor) {}.value
            #expect(waiting.allSatisfy { !$0.hasArrivals })
            #expect(server.handled.events.count == 2)
            gate.open()
            for client in waiting { #expect(try client.receive().body == "waited") }
            for client in busy { #expect(try client.receive().body == "slow") }
        }
    }

    @Test(
        "for a connection over connectionsMax the one that has waited longest for a request goes, and no other",
        arguments: Transport.allCases)
    func longestIdle(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 4), handler: gate.hold) {
            server in
            let busy = try server.connect()
            try busy.send(Wire.request([("NAME", "slow")], body: Array("slow".utf8)))
            await gate.awaitArrivals()
            let idle = try (0..<3).map { number in
                let client = try server.connect()
                #expect(try client.exchange(Wire.request(body: "\(number)")).body == "\(number)")
                return client
            }
            // The first is used once more, so that the second has waited longest.
            #expect(try idle[0].exchange(Wire.request(body: "again")).body == "again")
            let fresh = try server.connect()
            #expect(try fresh.exchange(Wire.request(body: "fresh")).body == "fresh")
            #expect(try idle[1].receiveToEnd().isEmpty)
            for client in [idle[0], idle[2], fresh] {
                #expect(try client.exchange(Wire.request(body: "kept")).body == "kept")
            }
            gate.open()
            #expect(try busy.receive().body == "slow")
        }
    }

    @Test("however many connections stay open without a request, others are served", arguments: Transport.allCases)
    func crowd(transport: Transport) async throws {
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 10)) { server in
            let crowd = try (0..<50).map { _ in try server.connect() }
            for _ in 0..<20 { try server.expectAnswer() }
            #expect(await server.server.connectionCount <= 10)
            #expect(try crowd[0].receiveToEnd().isEmpty)
        }
    }

    @Test("a slow request holds up no other, on other connections", arguments: Transport.allCases)
    func slow(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, handler: gate.hold) { server in
            let slow = try (0..<20).map { _ in try server.connect() }
            for client in slow { try client.send(Wire.request([("NAME", "slow")], body: Array("slow".utf8))) }
            await gate.awaitArrivals(20)
            for _ in 0..<20 { try server.expectAnswer() }
            #expect(slow.allSatisfy { !$0.hasArrivals })
            gate.open()
            for client in slow { #expect(try client.receive().body == "slow") }
        }
    }

    @Test("a peer that goes away while its request is handled does no harm", arguments: Transport.allCases)
    func goneWhileHandled(transport: Transport) async throws {
        let gate = Gate()
        // Only one other connection fits beside those that go, so that none may be left behind.
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 11), handler: gate.hold) {
            server in
            for _ in 0..<10 { try server.connect().send(Wire.request([("NAME", "slow")])) }
            await gate.awaitArrivals(10)
            try server.expectAnswer()
            gate.open()
            // At the limit the longest unused connection makes room for the next, so those have to be gone before.
            while await server.server.connectionCount > 0 { await Task.yield() }
            let clients = try (0..<11).map { _ in try server.connect() }
            for client in clients { #expect(try client.exchange(Wire.request(body: "later")).body == "later") }
        }
    }

    @Test("a peer that sends no more is answered, and its connection closed", arguments: Transport.allCases)
    func halfClosed(transport: Transport) async throws {
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 1)) { server in
            for _ in 0..<5 {
                let client = try server.connect()
                try client.send(Wire.request(body: "last"))
                client.finishSending()
                #expect(try client.receive().body == "last")
                #expect(try client.receiveToEnd().isEmpty)
            }
        }
    }

    @Test("so is a peer that says so only while its request is handled", arguments: Transport.allCases)
    func halfClosedWhileHandled(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, handler: gate.hold) { server in
            let client = try server.connect()
            try client.send(Wire.request([("NAME", "slow")], body: Array("last".utf8)))
            await gate.awaitArrivals()
            client.finishSending()
            try server.expectAnswer()
            gate.open()
            #expect(try client.receive().body == "last")
            #expect(try client.receiveToEnd().isEmpty)
        }
    }

    @Test("a peer that connects and goes, having sent nothing, leaves nothing behind", arguments: Transport.allCases)
    func nothingSent(transport: Transport) async throws {
        try await TestServer.run(transport, limits: TestServer.limits(connectionsMax: 1)) { server in
            for _ in 0..<100 { _ = try server.connect() }
            try server.expectAnswer()
            #expect(server.handled.events.count == 1)
        }
    }

    @Test(
        "of two requests sent at once the first is answered, and the connection closed", arguments: Transport.allCases)
    func pipelined(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            try client.send(Wire.request(body: "first") + Wire.request(body: "second"))
            #expect(try client.receive().body == "first")
            #expect(try client.receiveToEnd().isEmpty)
            #expect(server.handled.events.count == 1)
            try server.expectAnswer()
        }
    }

    @Test("a request that comes while the one before it is handled is served after it", arguments: Transport.allCases)
    func early(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, handler: gate.hold) { server in
            let client = try server.connect()
            try client.send(Wire.request([("NAME", "slow")], body: Array("first".utf8)))
            await gate.awaitArrivals()
            try client.send(Wire.request(body: "second"))
            try server.expectAnswer()
            gate.open()
            #expect(try client.receive().body == "first")
            #expect(try client.receive().body == "second")
        }
    }
}

/// Blocks the calling thread.
private func wait(for semaphore: DispatchSemaphore) {
    semaphore.wait()
}

extension Gate {
    /// Answers as the echo does, requests of the name `slow` once the gate is open.
    @Sendable func hold(_ request: HandledRequest) async -> Response {
        if request.parameters.text("NAME") == "slow" { await pass() }
        return await TestServer.echo(request)
    }
}
