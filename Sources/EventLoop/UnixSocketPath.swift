import CLinux
import Glibc

/// The path of a Unix socket.
public struct UnixSocketPath: Sendable {
    /// The longest path that `sockaddr_un` holds, its terminating zero apart.
    public static let bytesMax = 107

    private let path: String

    public init(_ path: String) {
        self.path = path
    }

    /// Makes the path free to bind: removes a socket that no process has any more.
    ///
    /// Throws when a living process listens there, or when what stands there is no socket.
    public func clear() throws(SocketFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SocketFailure("\(path): a file that is no socket stands there; remove it or configure another path")
        }
        guard try !isListenedOn() else {
            throw SocketFailure("\(path): another process listens there; stop it or configure another path")
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw SocketFailure("\(path): a socket left by a dead process cannot be removed: \(SystemError("unlink"))")
        }
    }

    /// Removes the path, at the end of whoever listened there.
    public func remove() {
        unlink(path)
    }

    /// Calls `body` with the path as the system wants it.
    func withAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SocketFailure) -> Result
    ) throws(SocketFailure) -> Result {
        guard path.utf8.count <= Self.bytesMax else {
            throw SocketFailure("\(path): the path of a Unix socket has at most \(Self.bytesMax) bytes")
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        if path.hasPrefix("@") {
            // A name without a file, which begins with a zero byte and ends where the size says (unix(7)).
            withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 }
            size -= socklen_t(MemoryLayout.size(ofValue: address.sun_path) - path.utf8.count)
        }
        return try withUnsafePointer(to: address) { (pointer) throws(SocketFailure) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (pointer) throws(SocketFailure) in
                try body(pointer, size)
            }
        }
    }

    /// Starts connecting, without blocking; the descriptor is the caller's.
    ///
    /// The error is the system's: `ENOENT` and `ECONNREFUSED` say that nobody listens, `EAGAIN` that the queue is full.
    public func connect() throws(SystemError) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var code: CInt = ENAMETOOLONG
        try? withAddress { (address, size) throws(SocketFailure) in
            code = Glibc.connect(descriptor, address, size) == 0 ? 0 : errno
        }
        guard code == 0 else {
            close(descriptor)
            throw SystemError("connect", code: code)
        }
        return descriptor
    }

    /// Sends one datagram to whoever has the socket. A path that begins with `@` is a name without a file.
    public func sendDatagram(_ bytes: [UInt8]) throws(SystemError) {
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        defer { close(descriptor) }
        var code: CInt = ENAMETOOLONG
        try? withAddress { (address, size) throws(SocketFailure) in
            code = sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), address, size) >= 0 ? 0 : errno
        }
        guard code == 0 else { throw SystemError("sendto", code: code) }
    }

    private func isListenedOn() throws(SocketFailure) -> Bool {
        do {
            close(try connect())
            return true
        } catch {
            switch error.code {
            case ECONNREFUSED, ENOENT: return false
            // A full queue; a socket of another type, for datagrams. Of a dead process neither is said.
            case EAGAIN, EPROTOTYPE: return true
            default: throw SocketFailure("\(path): \(error)")
            }
        }
    }
}

/// The permissions of a Unix socket's file.
public struct UnixSocketAccess: Sendable {
    let mode: UInt16
    let owner: String?
    let group: String?

    /// `owner` is a user's name, `group` a group's; nil leaves the process's own.
    public init(mode: UInt16, owner: String? = nil, group: String?) {
        self.mode = mode
        self.owner = owner
        self.group = group
    }

    /// Sets group, mode and owner of the socket at `path`, the owner last: a file that is another user's by then may
    /// not be changed any more.
    public func apply(to path: String) throws(SocketFailure) {
        if let group { try give(path, toGroup: group) }
        guard chmod(path, mode_t(mode)) == 0 else { throw SocketFailure("\(path): \(SystemError("chmod"))") }
        if let owner { try give(path, toUser: owner) }
    }

    private func give(_ path: String, toGroup group: String) throws(SocketFailure) {
        guard let entry = getgrnam(group) else {
            throw SocketFailure("\(path): there is no group '\(group)'; create it or configure another")
        }
        guard chown(path, uid_t.max, entry.pointee.gr_gid) == 0 else {
            throw SocketFailure(
                "\(path): the socket cannot be given to group '\(group)'; make this user a member of it")
        }
    }

    private func give(_ path: String, toUser user: String) throws(SocketFailure) {
        guard let entry = getpwnam(user) else {
            throw SocketFailure("\(path): there is no user '\(user)'; create it or configure another")
        }
        guard chown(path, entry.pointee.pw_uid, gid_t.max) == 0 else {
            throw SocketFailure(
                "\(path): the socket cannot be given to user '\(user)', since only root may give one to another user; "
                    + "start as root, or take `owner` out of the configuration")
        }
    }
}

/// Whose processes may connect to a Unix socket, by the user they run as.
public struct PeerPolicy: Sendable {
    /// nil lets in everyone who may open the socket.
    private let users: Set<uid_t>?

    /// `names` are names of users; none lets in everyone who may open the socket.
    public init(allowing names: [String]) throws(SocketFailure) {
        if names.isEmpty {
            users = nil
            return
        }
        var users: Set<uid_t> = []
        for name in names {
            guard let entry = getpwnam(name) else {
                throw SocketFailure("allowedPeers: there is no user '\(name)'; create it or configure another")
            }
            users.insert(entry.pointee.pw_uid)
        }
        self.users = users
    }

    /// Whether the process at the other end of `descriptor` may stay. A peer over TCP has no user and is let in only
    /// when everyone is.
    public func admits(_ descriptor: CInt) -> Bool {
        guard users != nil else { return true }
        var credentials = linux_peer_credentials()
        return linux_peer_credentials(descriptor, &credentials) == 0 && admits(user: credentials.uid)
    }

    /// Whether a process of that user may stay.
    public func admits(user: uid_t) -> Bool {
        users?.contains(user) ?? true
    }
}
