import Testing

@testable import FastCGI

@Suite("Answering requests", .timeLimit(.minutes(5)))
struct AnsweringTests {
    @Test("a request is answered", arguments: Transport.allCases)
    func answer(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let answer = try client.exchange(Wire.request([("NAME", "value")], body: Array("body".utf8)))
            #expect(answer.status == "200 OK")
            #expect(answer.header("X-Name") == "value")
            #expect(answer.body == "body")
            #expect(answer.errors.isEmpty)
        }
    }

    @Test("a connection that is to be kept serves one request after the other", arguments: Transport.allCases)
    func kept(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            for number in 0..<200 {
                let answer = try client.exchange(Wire.request(body: "request \(number)"))
                #expect(answer.body == "request \(number)")
            }
            #expect(!client.hasArrivals)
            #expect(server.handled.events.count == 200)
        }
    }

    @Test("a connection that is not to be kept is closed behind its answer", arguments: Transport.allCases)
    func notKept(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let client = try server.connect()
            let answer = try client.exchange(Wire.request(body: "only", keepsConnection: false))
            #expect(answer.body == "only")
            #expect(try client.receiveToEnd().isEmpty)
        }
    }

    @Test("an answer bears its request's id", arguments: [1, 2, 255, 256, 65_535])
    func requestID(id: Int) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            #expect(try client.exchange(Wire.request(id: id)).requestID == id)
            // The next request on the same connection may have another.
            #expect(try client.exchange(Wire.request(id: 7)).requestID == 7)
        }
    }

    @Test("a request however it is put into records is served the same", arguments: GuardedRequests.whole)
    func forms(sample: GuardedRequests.Sample) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            #expect(try client.exchange(sample.bytes).status != nil)
            #expect(try client.exchange(Wire.request(body: "next")).body == "next")
        }
    }

    @Test("parameters arrive as they were sent: all, in order, repeated names included")
    func parameters() async throws {
        try await TestServer.run { server in
            let long = String(repeating: "v", count: 5_000)
            let pairs = [("COOKIE", "first"), ("EMPTY", ""), ("COOKIE", "second"), ("LONG", long), ("NAME", "süd")]
            _ = try server.connect().exchange(Wire.request(pairs))
            let parameters = try #require(server.handled.events.first).parameters
            #expect(parameters.all("COOKIE") == [Array("first".utf8), Array("second".utf8)])
            #expect(parameters.text("EMPTY") == "")
            #expect(parameters.text("LONG") == long)
            #expect(parameters.text("NAME") == "süd")
            #expect(parameters.byteCount == 14 + 6 + 5 + 6 + 5 + 6 + 4 + 5_000 + 4 + 4)
        }
    }

    @Test("64 KiB of parameters and the largest body arrive whole", arguments: Transport.allCases)
    func largest(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let pairs = (0..<64).map { ("HTTP_X_\(10 + $0)", String(repeating: "v", count: 1_015)) }
            let body = (0..<16 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let client = try server.connect()
            for _ in 0..<3 {
                #expect(try client.exchange(Wire.request(pairs, body: body)).status == "200 OK")
            }
            #expect(server.handled.events.count == 3)
            for request in server.handled.events {
                #expect(request.parameters.byteCount == 64 * 1024 + 14 + 5)
                #expect(request.bodyBytes == body)
            }
        }
    }

    @Test("a body may hold any byte, in any number of records", arguments: [1, 2, 100, 1_000])
    func bodyBytes(recordBytes: Int) async throws {
        try await TestServer.run { server in
            let body = Array(UInt8.min ... .max) + Array(UInt8.min ... .max)
            let request = Wire.begin() + Wire.parameters([]) + Wire.body(body, recordBytes: recordBytes)
            _ = try server.connect().exchange(request)
            #expect(server.handled.events.map(\.bodyBytes) == [body])
        }
    }

    @Test("an answer that is given before the handler returns is served like any other", arguments: Transport.allCases)
    func atOnce(transport: Transport) async throws {
        try await TestServer.run(transport, answersAtOnce: true) { server in
            let client = try server.connect()
            for number in 0..<200 {
                #expect(try client.exchange(Wire.request(body: "request \(number)")).body == "request \(number)")
            }
            let both = try server.connect()
            try both.send(Wire.request(body: "first") + Wire.request(body: "second"))
            #expect(try both.receive().body == "first")
            #expect(try both.receiveToEnd().isEmpty)
        }
    }

    @Test("an answer of 16 KiB arrives whole", arguments: Transport.allCases)
    func largeAnswer(transport: Transport) async throws {
        try await TestServer.run(transport) { server in
            let body = String(repeating: "answer ", count: 2_300)
            let answer = try server.connect().exchange(Wire.request(body: body))
            #expect(answer.body == body)
        }
    }
}
