import CLinux
import Glibc

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
