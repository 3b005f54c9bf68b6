import EventLoop
import Glibc

extension ListeningSocket {
    /// The first descriptor that systemd passes.
    private static let firstPassedDescriptor: CInt = 3

    /// The socket that whoever started this process opened: the one that systemd announces in `LISTEN_FDS`, otherwise
    /// descriptor 0, as spawn-fcgi and FastCGI process managers pass it.
    ///
    /// `receiveBufferBytes` is as for ``tcp(address:port:receiveBufferBytes:)``, should it be a TCP socket.
    public static func inherited(receiveBufferBytes: CInt) throws(SocketFailure) -> ListeningSocket {
        let passed = passedCount()
        guard passed <= 1 else {
            throw SocketFailure("LISTEN_FDS: \(passed) sockets were passed; pass one, as each responder has one")
        }
        let descriptor = passed == 1 ? firstPassedDescriptor : STDIN_FILENO
        let name = passed == 1 ? "descriptor 3 (LISTEN_FDS)" : "descriptor 0"
        guard isListening(descriptor) else {
            throw SocketFailure(
                "\(name): no listening socket was passed; start by systemd or spawn-fcgi, or configure responder.listen"
            )
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw SocketFailure("\(name): \(SystemError("fcntl"))") }
        set(SO_RCVBUF, of: descriptor, to: receiveBufferBytes)
        return ListeningSocket(descriptor: descriptor, name: name, path: nil)
    }

    /// How many sockets systemd passed to this very process.
    private static func passedCount() -> Int {
        guard variable("LISTEN_PID").flatMap(pid_t.init) == getpid() else { return 0 }
        return variable("LISTEN_FDS").flatMap(Int.init) ?? 0
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func isListening(_ descriptor: CInt) -> Bool {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1
    }
}
