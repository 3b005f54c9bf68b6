import EventLoop
import Glibc
import Testing

@Suite("A socket that whoever started the process opened")
struct InheritedSocketTests {
    /// Where the tests pass descriptors. What systemd passes begins at 3, which the test's own process has opened for
    /// itself; the integration tests begin there.
    private static let first: CInt = 100

    @Test("without one, the error says how to pass one")
    func none() async {
        await #expect(processExitsWith: .success) {
            close(STDIN_FILENO)
            expectFailure(containing: "descriptor 0: no listening socket was passed; start by systemd or spawn-fcgi") {
                _ = try ListeningSocket.inherited(receiveBufferBytes: 65_536)
            }
        }
    }

    @Test("a socket that does not listen is none")
    func connected() async {
        await #expect(processExitsWith: .success) {
            var descriptors: [CInt] = [-1, -1]
            #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
            #expect(dup2(descriptors[0], STDIN_FILENO) == STDIN_FILENO)
            expectFailure(containing: "descriptor 0: no listening socket was passed") {
                _ = try ListeningSocket.inherited(receiveBufferBytes: 65_536)
            }
        }
    }

    @Test("descriptor 0 is taken, whatever its mode was, and no child gets it")
    func standardInput() async {
        await #expect(processExitsWith: .success) {
            let opened = try ListeningSocket.tcp(address: "127.0.0.1", port: 0, receiveBufferBytes: 64 * 1024)
            #expect(dup2(opened.descriptor, STDIN_FILENO) == STDIN_FILENO)
            #expect(fcntl(STDIN_FILENO, F_SETFL, 0) == 0)
            let socket = try ListeningSocket.inherited(receiveBufferBytes: 65_536)
            #expect(socket.descriptor == STDIN_FILENO)
            #expect(socket.name == "descriptor 0")
            #expect(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(STDIN_FILENO, F_GETFD) & FD_CLOEXEC != 0)
            #expect(Peer.canConnect(toAddressOf: STDIN_FILENO))
            _ = consume socket
        }
    }

    @Test("more than one of a kind from systemd is an error that says so")
    func several() async {
        await #expect(processExitsWith: .success) {
            let first = InheritedSocketTests.first
            InheritedSocketTests.pass([SOCK_STREAM, SOCK_STREAM])
            expectFailure(containing: "LISTEN_FDS: 2 listening sockets were passed; pass one") {
                _ = try ListeningSocket.inherited(receiveBufferBytes: 65_536, passedFrom: first)
            }
            InheritedSocketTests.pass([SOCK_DGRAM, SOCK_DGRAM])
            expectFailure(containing: "LISTEN_FDS: 2 sockets for datagrams were passed; pass one") {
                _ = try ListeningSocket.inheritedDatagrams(passedFrom: first)
            }
        }
    }

    @Test("of two from systemd the one that listens is the listener, and the other is for datagrams, in any order")
    func both() async {
        await #expect(processExitsWith: .success) {
            let first = InheritedSocketTests.first
            for types in [[SOCK_STREAM, SOCK_DGRAM], [SOCK_DGRAM, SOCK_STREAM]] {
                InheritedSocketTests.pass(types)
                let listener = try ListeningSocket.inherited(receiveBufferBytes: 65_536, passedFrom: first)
                let datagrams = try ListeningSocket.inheritedDatagrams(passedFrom: first)
                #expect(listener.descriptor == first + (types[0] == SOCK_STREAM ? 0 : 1))
                #expect(listener.name == "descriptor \(listener.descriptor) (LISTEN_FDS)")
                switch consume datagrams {
                case .none: Issue.record("no socket for datagrams")
                case .some(let socket):
                    #expect(socket.descriptor + listener.descriptor == 2 * first + 1)
                    #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
                }
                _ = consume listener
            }
        }
    }

    @Test("datagrams of another network than this machine's own are refused")
    func udp() async {
        await #expect(processExitsWith: .success) {
            let first = InheritedSocketTests.first
            InheritedSocketTests.pass([SOCK_DGRAM], domain: AF_INET)
            expectFailure(containing: "descriptor 100 (LISTEN_FDS): datagrams are taken from a Unix socket alone") {
                _ = try ListeningSocket.inheritedDatagrams(passedFrom: first)
            }
        }
    }

    @Test("a listener alone brings no datagrams, and neither does no socket at all")
    func noDatagrams() async {
        await #expect(processExitsWith: .success) {
            let first = InheritedSocketTests.first
            if try ListeningSocket.inheritedDatagrams(passedFrom: first) != nil { Issue.record("there is one") }
            InheritedSocketTests.pass([SOCK_STREAM])
            if try ListeningSocket.inheritedDatagrams(passedFrom: first) != nil { Issue.record("there is one") }
        }
    }

    /// Passes sockets of these types as systemd does; those that are streams listen.
    private static func pass(_ types: [__socket_type], domain: CInt = AF_UNIX) {
        setenv("LISTEN_PID", String(getpid()), 1)
        setenv("LISTEN_FDS", String(types.count), 1)
        for (index, type) in types.enumerated() {
            let descriptor = socket(domain, CInt(type.rawValue), 0)
            // Without a path: the system gives each a name of its own.
            var family = sa_family_t(domain)
            let bound = withUnsafePointer(to: &family) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sa_family_t>.size))
                }
            }
            if domain == AF_UNIX { #expect(bound == 0) }
            if type == SOCK_STREAM { #expect(listen(descriptor, 1) == 0) }
            let target = first + CInt(index)
            if descriptor != target {
                dup2(descriptor, target)
                close(descriptor)
            }
        }
    }

    @Test("what systemd passed to another process is not meant")
    func otherProcess() async {
        await #expect(processExitsWith: .success) {
            close(STDIN_FILENO)
            setenv("LISTEN_PID", "1", 1)
            setenv("LISTEN_FDS", "2", 1)
            expectFailure(containing: "descriptor 0: no listening socket was passed") {
                _ = try ListeningSocket.inherited(receiveBufferBytes: 65_536)
            }
        }
    }
}
