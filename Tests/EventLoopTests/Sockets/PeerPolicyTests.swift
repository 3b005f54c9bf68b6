import EventLoop
import Glibc
import Testing

@Suite("Whose processes may connect")
struct PeerPolicyTests {
    @Test("without names, everyone who may open the socket may")
    func everyone() throws {
        let policy = try PeerPolicy(allowing: [])
        #expect(policy.admits(user: 0))
        #expect(policy.admits(user: 4_000_000))
        try withPair { #expect(policy.admits($0)) }
        // Not even a socket is needed.
        #expect(policy.admits(-1))
    }

    @Test("with names, those users may and no others")
    func named() throws {
        let policy = try PeerPolicy(allowing: ["daemon", "nobody"])
        for name in ["daemon", "nobody"] {
            let entry = try #require(getpwnam(name))
            #expect(policy.admits(user: entry.pointee.pw_uid))
        }
        #expect(!policy.admits(user: 0))
        #expect(!policy.admits(user: 4_000_000))
    }

    @Test("the peer of a Unix socket is judged by the user that it runs as")
    func peer() throws {
        let own = String(cString: try #require(getpwuid(geteuid())).pointee.pw_name)
        let other = own == "nobody" ? "daemon" : "nobody"
        try withPair { descriptor throws in
            #expect(try PeerPolicy(allowing: [own]).admits(descriptor))
            #expect(try PeerPolicy(allowing: [other, own]).admits(descriptor))
            #expect(try !PeerPolicy(allowing: [other]).admits(descriptor))
        }
    }

    @Test("what has no user is let in only when everyone is")
    func withoutUser() throws {
        let own = String(cString: try #require(getpwuid(geteuid())).pointee.pw_name)
        let policy = try PeerPolicy(allowing: [own])
        let socket = try ListeningSocket.tcp(address: "127.0.0.1", port: 0, receiveBufferBytes: 64 * 1024)
        #expect(Peer.canConnect(toAddressOf: socket.descriptor))
        let accepted = accept(socket.descriptor, nil, nil)
        defer { close(accepted) }
        #expect(accepted >= 0)
        #expect(!policy.admits(accepted))
        #expect(!policy.admits(-1))
    }

    @Test("a user that does not exist is an error that names it")
    func unknownUser() {
        expectFailure(containing: "allowedPeers: there is no user 'no-such-user'; create it or configure another") {
            _ = try PeerPolicy(allowing: ["daemon", "no-such-user"])
        }
    }

    private func withPair(_ body: (CInt) throws -> Void) throws {
        var descriptors: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
        defer { descriptors.forEach { close($0) } }
        try body(descriptors[0])
    }
}
