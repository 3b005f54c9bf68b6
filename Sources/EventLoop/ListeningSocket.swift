import CLinux
import Glibc

/// A socket that waits for connections, or for datagrams, owned: closed when it goes, its path removed when it had one.
public struct ListeningSocket: ~Copyable, Sendable {
    /// How many connections wait to be accepted; the kernel lowers it to `net.core.somaxconn`.
    private static let backlog: CInt = 4096

    public let descriptor: CInt
    /// What it listens on, for logs: `unix:/run/x.sock`, `tcp:127.0.0.1:9000`, `descriptor 0`.
    public let name: String
    /// The path to remove at the end; nil when the socket is not ours to remove.
    private let path: String?
    private var isReleased = false

    private init(descriptor: CInt, name: String, path: String?) {
        self.descriptor = descriptor
        self.name = name
        self.path = path
    }

    deinit {
        if isReleased { return }
        // In this order, so that the path is never another process's that has taken it over since.
        if let path { unlink(path) }
        close(descriptor)
    }

    /// Hands the descriptor to the caller, who closes it and removes its path.
    public consuming func release() -> CInt {
        isReleased = true
        return descriptor
    }
}

extension ListeningSocket {
    /// Listens on a Unix stream socket at `path`, with the mode, owner and group given, whatever the umask.
    ///
    /// A socket that a dead process left is removed; one that a living process listens on is not, and is an error.
    public static func unix(path: String, access: UnixSocketAccess) throws(SocketFailure) -> ListeningSocket {
        try UnixSocketPath(path).clear()
        let descriptor = try open(domain: AF_UNIX, type: SOCK_STREAM, name: path)
        try bindPath(descriptor, path)
        // From here on it is owned, so that an error leaves neither the descriptor nor the path behind.
        let socket = ListeningSocket(descriptor: descriptor, name: "unix:\(path)", path: path)
        // Nobody can connect before `listen`, so the permissions are in force from the first connection on.
        try access.apply(to: path)
        guard listen(descriptor, backlog) == 0 else { throw SocketFailure("\(path): \(SystemError("listen"))") }
        return socket
    }

    /// Binds the socket to its path, or closes it.
    private static func bindPath(_ descriptor: CInt, _ path: String) throws(SocketFailure) {
        do throws(SocketFailure) {
            try UnixSocketPath(path).withAddress { (address, size) throws(SocketFailure) in
                guard bind(descriptor, address, size) == 0 else {
                    throw SocketFailure("\(path): \(reasonAgainstBinding(path))")
                }
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func open(domain: CInt, type: __socket_type, name: String) throws(SocketFailure) -> CInt {
        let type = CInt(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(domain, type, 0)
        guard descriptor >= 0 else { throw SocketFailure("\(name): \(SystemError("socket"))") }
        return descriptor
    }

    private static func reasonAgainstBinding(_ path: String) -> String {
        let code = errno
        let directory = path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)
        return switch code {
        case ENOENT: "the directory \(directory) does not exist; create it"
        case EACCES, EPERM, EROFS: "this user may not create a socket in \(directory); give it write permission there"
        case EADDRINUSE: "something else is in the way; remove it or configure another path"
        default: "\(SystemError("bind", code: code))"
        }
    }

    /// With how many datagrams unread a socket that is made now still takes one more, and then none:
    /// `net.unix.max_dgram_qlen`. A receive buffer's size has no part in it. nil where the system does not tell.
    public static var datagramsQueuedMax: Int? {
        let descriptor = Glibc.open("/proc/sys/net/unix/max_dgram_qlen", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var digits = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &digits, digits.count)
        return Int(String(decoding: digits.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Waits for datagrams at a Unix socket at `path`, with the mode, owner and group given, whatever the umask.
    ///
    /// A socket that a dead process left is removed; one that a living process has is not, and is an error.
    public static func datagrams(path: String, access: UnixSocketAccess) throws(SocketFailure) -> ListeningSocket {
        try UnixSocketPath(path).clear()
        let descriptor = try open(domain: AF_UNIX, type: SOCK_DGRAM, name: path)
        // A datagram can come as soon as there is a path. Nobody may send one before the permissions are in force: the
        // path gets the mode that the socket has when it is bound (unix(7)).
        guard fchmod(descriptor, 0) == 0 else {
            let error = SystemError("fchmod")
            close(descriptor)
            throw SocketFailure("\(path): \(error)")
        }
        try bindPath(descriptor, path)
        let socket = ListeningSocket(descriptor: descriptor, name: "unix:\(path)", path: path)
        try access.apply(to: path)
        return socket
    }

    /// Listens on a TCP address, an IPv4 or IPv6 literal.
    ///
    /// `receiveBufferBytes` is what every connection can hold unread: a request is only taken once it is whole, and the
    /// kernel's default would not hold the largest.
    public static func tcp(
        address: String, port: UInt16, receiveBufferBytes: CInt
    ) throws(SocketFailure) -> ListeningSocket {
        let name = address.contains(":") ? "tcp:[\(address)]:\(port)" : "tcp:\(address):\(port)"
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &found) == 0, let found else {
            throw SocketFailure("\(name): '\(address)' is no IP address; give one as 127.0.0.1 or ::1")
        }
        defer { freeaddrinfo(found) }
        let descriptor = try open(domain: found.pointee.ai_family, type: SOCK_STREAM, name: name)
        set(SO_REUSEADDR, of: descriptor, to: 1)
        set(SO_RCVBUF, of: descriptor, to: receiveBufferBytes)
        guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0, listen(descriptor, backlog) == 0
        else {
            let code = errno
            close(descriptor)
            throw SocketFailure("\(name): \(reason(code))")
        }
        return ListeningSocket(descriptor: descriptor, name: name, path: nil)
    }

    private static func set(_ option: CInt, of descriptor: CInt, to value: CInt) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EADDRINUSE: "another process listens there; stop it or configure another port"
        case EADDRNOTAVAIL: "this machine has no such address; configure one that it has"
        case EACCES: "this user may not listen there; configure a port of 1024 or more"
        default: "\(SystemError("bind", code: code))"
        }
    }

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

/// Why a socket cannot be had, in one line that names it and says what to do.
public struct SocketFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
