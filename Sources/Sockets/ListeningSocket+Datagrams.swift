import EventLoop
import Glibc

extension ListeningSocket {
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
}
