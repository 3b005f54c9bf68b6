import Glibc
import Testing

@testable import FastCGI

@Suite("Whose connections are served", .timeLimit(.minutes(5)))
struct AdmissionTests {
    private let ownUser: String
    private let otherUser: String

    init() throws {
        ownUser = String(cString: try #require(getpwuid(geteuid())).pointee.pw_name)
        otherUser = ownUser == "nobody" ? "daemon" : "nobody"
    }

    @Test("a process of a user that is named is served")
    func admitted() async throws {
        try await TestServer.run(peers: [otherUser, ownUser]) { server in
            try server.expectAnswer()
        }
    }

    @Test("a process of another user is not")
    func refused() async throws {
        try await TestServer.run(peers: [otherUser]) { server in
            for _ in 0..<10 {
                let client = try server.connect()
                client.trySending(Wire.request(body: "refused"))
                #expect(try client.receiveToEnd().isEmpty)
            }
            #expect(server.handled.events.isEmpty)
        }
    }

    @Test("over TCP nobody is, where users are named")
    func overTCP() async throws {
        try await TestServer.run(.tcp, peers: [ownUser]) { server in
            let client = try server.connect()
            client.trySending(Wire.request(body: "refused"))
            #expect(try client.receiveToEnd().isEmpty)
            #expect(server.handled.events.isEmpty)
        }
    }
}
