import Foundation
import HTTPRequests
import Testing

@Suite("A client for HTTP")
struct HTTPClientTests {
    private static let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    private func request(_ path: String, _ target: String = "/", method: String = "GET") -> HTTPRequest {
        HTTPRequest(
            url: "http://localhost\(target)", socket: path, method: method, timeoutSeconds: 300, answerBytesMax: 8)
    }

    /// What a request ends with that is to fail.
    private func failure(_ request: HTTPRequest, by client: HTTPClient = HTTPClient()) async -> HTTPFailure? {
        do {
            let response = try await client.send(request)
            Issue.record("it is answered \(response.status)")
            return nil
        } catch {
            return error
        }
    }

    @Test("a request is sent as it was given, with no header but the host's and the body's length")
    func bytes() async throws {
        let server = try ScriptedServer { _ in .answer(Self.empty) }
        defer { server.stop() }
        var request = request(server.path, "/a/../b//%2e?c=%00", method: "POST")
        for (name, value) in [("X-One", "é \"1\""), ("X-Two", ""), ("X-One", "2"), ("Under_Score", "3")] {
            request.headers.add(name, value)
        }
        request.body = Array("body".utf8)
        #expect(try await HTTPClient().send(request).status == 200)
        let head = "POST /a/../b//%2e?c=%00 HTTP/1.1\r\nHost: localhost\r\n"
        let headers = "X-One: Ã© \"1\"\r\nX-Two:\r\nX-One: 2\r\nUnder_Score: 3\r\nContent-Length: 4\r\n\r\n"
        #expect(server.requests == ["\(head)\(headers)body"])
    }

    @Test("an empty body has a length, and none has none")
    func bodies() async throws {
        let server = try ScriptedServer { _ in .answer(Self.empty) }
        defer { server.stop() }
        let client = HTTPClient()
        var request = request(server.path, method: "OPTIONS")
        _ = try await client.send(request)
        request.body = []
        _ = try await client.send(request)
        let head = "OPTIONS / HTTP/1.1\r\nHost: localhost\r\n"
        #expect(server.requests == ["\(head)\r\n", "\(head)Content-Length: 0\r\n\r\n"])
    }

    @Test("every value of a repeated header is there, in order, and a redirect is an answer like another")
    func answer() async throws {
        let server = try ScriptedServer { _ in
            .answer(
                "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 302 Found\r\nset-cookie: a=1; Path=/\r\n"
                    + "Location: /b\r\nSet-Cookie:   b=2\r\nContent-Length: 4\r\n\r\nbody")
        }
        defer { server.stop() }
        let answer = try await HTTPClient().send(request(server.path))
        #expect(answer.status == 302 && answer.version == .http1 && answer.body == Array("body".utf8))
        #expect(answer.headers["Set-Cookie"] == ["a=1; Path=/", "b=2"])
        #expect(answer.headers.map { $0.name } == ["set-cookie", "Location", "Set-Cookie", "Content-Length"])
        #expect(answer.headers["X-Early"].isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test("a connection is kept for the next request, and no more are opened at once than may")
    func connections() async throws {
        let server = try ScriptedServer { _ in .answer(Self.empty) }
        defer { server.stop() }
        let client = HTTPClient(HTTPClient.Options(connectionsPerHost: 3))
        let request = request(server.path)
        for _ in 0..<3 { _ = try await client.send(request) }
        #expect(server.connections == 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await client.send(request) } }
            try await group.waitForAll()
        }
        #expect(server.connections <= 3 && server.requests.count == 53)
    }

    @Test("a request whose kept connection ends without an answer is not sent again, and the next one is")
    func sentOnce() async throws {
        let server = try ScriptedServer { $0 == 1 ? .answer(Self.empty) : .last("") }
        defer { server.stop() }
        let client = HTTPClient()
        _ = try await client.send(request(server.path))
        let failure = await failure(request(server.path), by: client)
        #expect(failure?.description == Self.cutShort)
        #expect(try await client.send(request(server.path)).status == 200)
        #expect(server.requests.count == 3)
    }

    private static let tooLong = "the answer is too long"
    private static let cutShort = "the connection ended before all of the answer was there"

    @Test(
        "an answer that is too long, cut short, or none is a failure",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", tooLong),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n", tooLong),
            ("HTTP/1.1 200 OK\r\n\r\n123456789", tooLong),
            ("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n1234", cutShort), ("", cutShort),
        ])
    func spoiltAnswers(answer: String, expected: String) async throws {
        let server = try ScriptedServer { _ in .last(answer) }
        defer { server.stop() }
        #expect(await failure(request(server.path))?.description == expected)
    }

    @Test("a server that does not answer is waited for as long as was said, and not after the task is cancelled")
    func silence() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { _ in
            arrival.yield()
            return .none
        }
        defer { server.stop() }
        let client = HTTPClient()
        var impatient = request(server.path)
        impatient.timeoutSeconds = 1
        #expect(await failure(impatient, by: client)?.description == "no answer came in time")
        let task = Task { await failure(request(server.path), by: client) }
        // The first has been waited for, and the second is with the server now.
        for await _ in arrivals where server.requests.count == 2 { break }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test("nothing that a header holds makes two of it", arguments: ["1\r\nX-Two: 2", "1\nX-Two: 2", "1\0"])
    func lineBreaks(value: String) async throws {
        let server = try ScriptedServer { _ in .answer(Self.empty) }
        defer { server.stop() }
        var request = request(server.path)
        request.headers.add("X-One", value)
        #expect(await failure(request)?.description == "a header has a line break in it, or a zero byte")
        #expect(server.connections == 0)
    }

    @Test("where the system refuses, its error is told; where it is the name or the path, that is")
    func refusals() async throws {
        let server = try ScriptedServer { _ in .answer(Self.empty) }
        server.stop()
        #expect(await failure(request(server.path))?.systemError == ENOENT)
        #expect(await failure(request("/dev/null"))?.systemError == ECONNREFUSED)
        let long = await failure(request("/" + String(repeating: "x", count: 107)))
        #expect(long?.description == "the path is longer than a socket's may be" && long?.systemError == nil)
        let unknown = HTTPRequest(url: "http://nowhere.invalid/", timeoutSeconds: 10, answerBytesMax: 8)
        #expect(await failure(unknown)?.description == "the host is not known")
    }
}
