import EventLoop
import Foundation
import Glibc
import Testing

@testable import Web

@Suite("The analytics service")
struct AnalyticsServiceTests {
    @Test("its socket has the mode it was given once it says that it listens", arguments: [0o600, 0o660, 0o666])
    func mode(mode: UInt16) async throws {
        try await AnalyticsUnderTest(access: UnixSocketAccess(mode: mode, group: nil)).serve { analytics in
            var status = stat()
            #expect(stat(analytics.directory.socket, &status) == 0)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
            #expect(status.st_mode & 0o7777 == mode_t(mode))
        }
    }

    @Test("permissions that cannot be set are an error before it serves, and leave no socket")
    func impossibleAccess() async throws {
        let access = UnixSocketAccess(mode: 0o660, group: "no-such-group")
        let error = await #expect(throws: SocketFailure.self) { _ = try await AnalyticsUnderTest(access: access) }
        let text = "\(try #require(error))"
        #expect(text.contains("there is no group 'no-such-group'"))
        let path = try #require(text.split(separator: ":").first.map(String.init))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("its socket's path is removed at the end")
    func path() async throws {
        let analytics = try await AnalyticsUnderTest()
        try await analytics.serve { analytics in
            #expect(FileManager.default.fileExists(atPath: analytics.directory.socket))
        }
        #expect(!FileManager.default.fileExists(atPath: analytics.directory.socket))
    }

    @Test("a connection that is kept open without a request does not keep it from stopping")
    func idleConnections() async throws {
        let analytics = try await AnalyticsUnderTest()
        var connections: [HTTPConnection] = []
        try await analytics.serve { analytics in
            let used = try HTTPConnection(path: analytics.directory.socket)
            try used.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(String(decoding: try await used.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
            connections = [used, try HTTPConnection(path: analytics.directory.socket)]
        }
        for connection in connections { #expect(try await connection.ends()) }
    }

    @Test("bytes that are not HTTP end their connection and no other")
    func notHTTP() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let stranger = try HTTPConnection(path: analytics.directory.socket)
            try stranger.send("\u{1}\u{2}\u{3} not http\r\n\r\n")
            _ = try await stranger.receiveToEnd()
            #expect(try await analytics.answer("/health").status == 200)
        }
    }

    @Test("a socket that is in use is refused, and its owner goes on")
    func inUse() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let failure = #expect(throws: SocketFailure.self) {
                try AnalyticsService(
                    socket: analytics.directory.socket, access: UnixSocketAccess(mode: 0o660, group: nil),
                    queries: analytics.queries, status: analytics.status, logger: analytics.log.logger)
            }
            #expect(failure?.description.contains("another process listens there") == true)
            let answer = try await analytics.answer("/health")
            #expect(answer.status == 200)
        }
    }

    @Test("a file that is no socket is not taken for one")
    func otherFile() async throws {
        let analytics = try await AnalyticsUnderTest()
        let path = analytics.directory.path + "/file"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(throws: SocketFailure.self) {
            try AnalyticsService(
                socket: path, access: UnixSocketAccess(mode: 0o660, group: nil), queries: analytics.queries,
                status: analytics.status, logger: analytics.log.logger)
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("what Hummingbird logs of its own starts and stops is left out")
    func quiet() async throws {
        let analytics = try await AnalyticsUnderTest()
        try await analytics.serve { _ in }
        #expect(analytics.log.lines == ["notice: listening for analytics on unix:\(analytics.directory.socket)"])
    }
}
