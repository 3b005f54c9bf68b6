import Glibc
import Sockets
import Testing

@Suite("A socket that whoever started the process opened")
struct InheritedSocketTests {
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

    @Test("more than one from systemd is an error that says so")
    func several() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", String(getpid()), 1)
            setenv("LISTEN_FDS", "2", 1)
            expectFailure(containing: "LISTEN_FDS: 2 sockets were passed; pass one") {
                _ = try ListeningSocket.inherited(receiveBufferBytes: 65_536)
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
