import EventLoop
import Foundation
import TestSupport
import Testing

@Suite("Datagrams at a Unix socket", .serialized)
struct UnixDatagramTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("one that is sent is received, and the socket goes with its path")
    func lifetime() throws {
        do {
            let socket = try open()
            #expect(socket.name == "unix:\(directory.socket)")
            try UnixSocketPath(directory.socket).sendDatagram([7, 8])
            var bytes: [UInt8] = [0, 0, 0]
            #expect(recv(socket.descriptor, &bytes, 3, 0) == 2)
            #expect(bytes == [7, 8, 0])
            #expect(recv(socket.descriptor, &bytes, 3, 0) == -1 && errno == EAGAIN)
            #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test(
        "its mode is the one given, whatever the umask", arguments: [0o660, 0o622] as [UInt16], [0, 0o077] as [mode_t])
    func mode(mode: UInt16, mask: mode_t) throws {
        let previous = umask(mask)
        defer { umask(previous) }
        let socket = try open(mode: mode)
        #expect(try Peer.status(of: directory.socket).st_mode & 0o7777 == mode_t(mode))
        _ = consume socket
    }

    @Test("a group that does not exist is an error, and leaves no socket behind")
    func unknownGroup() throws {
        expectFailure(containing: "there is no group 'no-such-group'") { _ = try open(group: "no-such-group") }
        #expect(try directory.contents().isEmpty)
    }

    @Test("a socket that a dead process left is replaced, of whichever type")
    func stale() throws {
        close(try open().release())
        close(try open().release())
        close(try ListeningSocket.unix(path: directory.socket, access: Self.access).release())
        let socket = try open()
        try UnixSocketPath(directory.socket).sendDatagram([7])
        _ = consume socket
    }

    @Test("a socket that a living process has is left alone, of whichever type")
    func living() throws {
        let first = try open()
        let other = "another process listens there; stop it or configure another path"
        expectFailure(containing: other) { _ = try open() }
        expectFailure(containing: other) { _ = try ListeningSocket.unix(path: directory.socket, access: Self.access) }
        try UnixSocketPath(directory.socket).sendDatagram([7])
        _ = consume first
        let listener = try ListeningSocket.unix(path: directory.socket, access: Self.access)
        expectFailure(containing: other) { _ = try open() }
        _ = consume listener
    }

    @Test("the system tells how many lie unread before it refuses more")
    func queue() throws {
        let max = try #require(ListeningSocket.datagramsQueuedMax)
        let socket = try open()
        var sent = 0
        // A sender has room for some hundreds of its own, which is another limit.
        repeat {
            let client = try connected()
            defer { close(client) }
            for _ in 0..<100 where send(client, [1], 1, 0) == 1 { sent += 1 }
        } while sent.isMultiple(of: 100) && sent < 10_000
        #expect(sent == max + 1)
        _ = consume socket
    }

    /// A sender's end.
    private func connected() throws -> CInt {
        let client = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: directory.socket.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, size) }
        }
        try #require(status == 0)
        return client
    }

    private static let access = UnixSocketAccess(mode: 0o660, group: nil)

    private func open(mode: UInt16 = 0o660, group: String? = nil) throws -> ListeningSocket {
        try .datagrams(path: directory.socket, access: UnixSocketAccess(mode: mode, group: group))
    }
}
