import CLinux
import EventLoop
import Glibc

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
