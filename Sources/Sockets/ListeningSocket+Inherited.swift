import EventLoop
import Glibc

extension ListeningSocket {
    /// The listening socket that whoever started this process opened: the one that systemd announces in `LISTEN_FDS`,
    /// otherwise descriptor 0, as spawn-fcgi and FastCGI process managers pass it.
    ///
    /// - Parameters:
    ///   - receiveBufferBytes: as for ``tcp(address:port:receiveBufferBytes:)``, should it be a TCP socket.
    ///   - first: the first descriptor that is passed; that of systemd, but in tests, whose processes may have opened it.
    public static func inherited(
        receiveBufferBytes: CInt, passedFrom first: CInt = 3
    ) throws(SocketFailure) -> ListeningSocket {
        let passed = passedDescriptors(from: first)
        let listening = passed.filter(isListening)
        guard listening.count <= 1 else {
            throw SocketFailure(
                "LISTEN_FDS: \(listening.count) listening sockets were passed; pass one, as each responder has one")
        }
        let descriptor = listening.first ?? passed.first ?? STDIN_FILENO
        let name = passed.isEmpty ? "descriptor 0" : "descriptor \(descriptor) (LISTEN_FDS)"
        guard isListening(descriptor) else {
            throw SocketFailure(
                "\(name): no listening socket was passed; start by systemd or spawn-fcgi, or configure responder.listen"
            )
        }
        let socket = try adopt(descriptor, name)
        set(SO_RCVBUF, of: descriptor, to: receiveBufferBytes)
        return socket
    }

    /// The Unix socket for datagrams among those that systemd announces in `LISTEN_FDS`; nil when there is none.
    ///
    /// - Parameter first: as above.
    public static func inheritedDatagrams(passedFrom first: CInt = 3) throws(SocketFailure) -> ListeningSocket? {
        let found = passedDescriptors(from: first).filter { option(SO_TYPE, of: $0) == CInt(SOCK_DGRAM.rawValue) }
        guard let descriptor = found.first else { return nil }
        guard found.count == 1 else {
            throw SocketFailure("LISTEN_FDS: \(found.count) sockets for datagrams were passed; pass one")
        }
        let name = "descriptor \(descriptor) (LISTEN_FDS)"
        // Whoever can send to it is believed, and only a Unix socket's permissions say who can.
        guard option(SO_DOMAIN, of: descriptor) == AF_UNIX else {
            throw SocketFailure("\(name): datagrams are taken from a Unix socket alone; pass one, or none")
        }
        return try adopt(descriptor, name)
    }

    private static func adopt(_ descriptor: CInt, _ name: String) throws(SocketFailure) -> ListeningSocket {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw SocketFailure("\(name): \(SystemError("fcntl"))") }
        return ListeningSocket(descriptor: descriptor, name: name, path: nil)
    }

    /// The sockets that systemd passed to this very process.
    private static func passedDescriptors(from first: CInt) -> Range<CInt> {
        guard variable("LISTEN_PID").flatMap(pid_t.init) == getpid(),
            let count = variable("LISTEN_FDS").flatMap(UInt8.init)
        else { return first..<first }
        return first..<first + CInt(count)
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func isListening(_ descriptor: CInt) -> Bool {
        option(SO_ACCEPTCONN, of: descriptor) == 1
    }

    /// nil when it is no socket.
    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
