import Glibc
import Testing

@testable import FastCGI

@Suite("Stopping", .timeLimit(.minutes(5)))
struct ServerStoppingTests {
    @Test(
        "requests in hand are answered, everything else is closed, and nothing more is accepted",
        arguments: Transport.allCases)
    func stop(transport: Transport) async throws {
        let gate = Gate()
        try await TestServer.run(transport, handler: gate.hold) { server in
            let busy = try (0..<5).map { _ in try server.connect() }
            for client in busy { try client.send(Wire.request([("NAME", "slow")], body: Array("in hand".utf8))) }
            await gate.awaitArrivals(5)
            let idle = try server.connect()
            #expect(try idle.exchange(Wire.request(body: "before")).body == "before")
            let partial = try server.connect()
            try partial.send(Array(Wire.request(body: "never whole").dropLast()))
            try server.expectAnswer()

            let stopping = Task(executorPreference: server.loop.executor) { await server.server.stop() }
            #expect(try idle.receiveToEnd().isEmpty)
            #expect(try partial.receiveToEnd().isEmpty)
            #expect(throws: TestFailure.self) { try server.connect() }
            #expect(busy.allSatisfy { !$0.hasArrivals })
            gate.open()
            for client in busy {
                #expect(try client.receive().body == "in hand")
                #expect(try client.receiveToEnd().isEmpty)
            }
            await stopping.value
            #expect(server.handled.events.count == 7)
        }
    }

    @Test("what a connection was opened for is answered, and the connection closed", arguments: Transport.allCases)
    func firstRequest(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let new = try server.connect()
            let begun = try server.connect()
            let request = Wire.request(body: "first")
            try begun.send(Array(request.prefix(10)))
            // All are accepted once one that came after them is answered.
            let kept = try server.connect()
            #expect(try kept.exchange(Wire.request(body: "before")).body == "before")
            let stopping = Task(executorPreference: server.loop.executor) { await server.server.stop() }
            #expect(try kept.receiveToEnd().isEmpty)
            try new.send(request)
            try begun.send(Array(request.dropFirst(10)))
            for client in [new, begun] {
                #expect(try client.receive().body == "first")
                #expect(try client.receiveToEnd().isEmpty)
            }
            await stopping.value
        }
    }

    @Test("a server without connections stops at once, and may be told to again")
    func idle() async throws {
        try await TestServer.run { server in
            await server.server.stop()
            await server.server.stop()
            #expect(throws: TestFailure.self) { try server.connect() }
        }
    }

    @Test("a server that is told twice while it stops says so to both")
    func twice() async throws {
        let gate = Gate()
        try await TestServer.run(handler: gate.hold) { server in
            let client = try server.connect()
            try client.send(Wire.request([("NAME", "slow")]))
            await gate.awaitArrivals()
            let stops = (0..<2).map { _ in
                Task(executorPreference: server.loop.executor) { await server.server.stop() }
            }
            // Both have begun when a later task on the same thread has run.
            await Task(executorPreference: server.loop.executor) {}.value
            gate.open()
            for stop in stops { await stop.value }
            #expect(try client.receive().isEnded)
        }
    }

    @Test("a stopped server's path is removed")
    func path() async throws {
        try await TestServer.run { server in
            guard case .unix(let path) = server.endpoint else { return }
            #expect(access(path, F_OK) == 0)
            await server.server.stop()
            #expect(access(path, F_OK) != 0)
        }
    }
}
