import EventLoop
import Glibc
import Testing

@Suite("Listening on TCP")
struct TCPListeningTests {
    @Test("it can be connected to, by IPv4 and by IPv6", arguments: ["127.0.0.1", "::1"])
    func connect(address: String) throws {
        let socket = try listen(address)
        #expect(Peer.canConnect(toAddressOf: socket.descriptor))
        #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        _ = consume socket
    }

    @Test(
        "its name is what the configuration would say",
        arguments: [("127.0.0.1", "tcp:127.0.0.1:0"), ("::1", "tcp:[::1]:0")])
    func name(address: String, name: String) throws {
        let socket = try listen(address)
        #expect(socket.name == name)
        _ = consume socket
    }

    @Test("it is closed when it goes")
    func lifetime() throws {
        let port: UInt16
        do {
            let socket = try listen("127.0.0.1")
            port = Peer.port(of: socket.descriptor)
            expectFailure(containing: "another process listens there") { _ = try listen("127.0.0.1", port: port) }
            _ = consume socket
        }
        let again = try listen("127.0.0.1", port: port)
        #expect(Peer.port(of: again.descriptor) == port)
        _ = consume again
    }

    @Test("a port that is taken is an error that says so", arguments: ["127.0.0.1", "::1"])
    func taken(address: String) throws {
        let socket = try listen(address)
        let port = Peer.port(of: socket.descriptor)
        #expect(port != 0)
        expectFailure(containing: "another process listens there; stop it or configure another port") {
            _ = try listen(address, port: port)
        }
        _ = consume socket
    }

    @Test(
        "an address that is none is an error that says what one looks like",
        arguments: ["localhost", "", "127.0.0.256", "::g", "127.0.0.1:80", "[::1]", " 127.0.0.1"])
    func notAnAddress(address: String) throws {
        expectFailure(containing: "is no IP address; give one as 127.0.0.1 or ::1") { _ = try listen(address) }
    }

    @Test("an address that this machine lacks is an error that says so", arguments: ["192.0.2.1", "2001:db8::1"])
    func foreignAddress(address: String) {
        expectFailure(containing: "this machine has no such address; configure one that it has") {
            _ = try listen(address)
        }
    }

    @Test("a connection can hold as much unread as was asked for")
    func receiveBuffer() throws {
        let socket = try listen("127.0.0.1", receiveBufferBytes: 128 * 1024)
        var bytes: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        #expect(getsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, &size) == 0)
        #expect(bytes >= 128 * 1024)
        _ = consume socket
    }

    private func listen(
        _ address: String, port: UInt16 = 0, receiveBufferBytes: CInt = 64 * 1024
    ) throws -> ListeningSocket {
        try .tcp(address: address, port: port, receiveBufferBytes: receiveBufferBytes)
    }
}
