import CLinux
import EventLoop
import Glibc

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
    static func bindPath(_ descriptor: CInt, _ path: String) throws(SocketFailure) {
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

    static func open(domain: CInt, type: __socket_type, name: String) throws(SocketFailure) -> CInt {
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
}
