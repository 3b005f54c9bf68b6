import CLinux
import EventLoop
import Glibc

/// The permissions of a Unix socket's file.
public struct UnixSocketAccess: Sendable {
    let mode: UInt16
    let group: String?

    /// `group` is a group's name; nil leaves the process's own.
    public init(mode: UInt16, group: String?) {
        self.mode = mode
        self.group = group
    }

    /// Sets group and mode of the socket at `path`.
    public func apply(to path: String) throws(SocketFailure) {
        if let group {
            guard let entry = getgrnam(group) else {
                throw SocketFailure("\(path): there is no group '\(group)'; create it or configure another")
            }
            guard chown(path, uid_t.max, entry.pointee.gr_gid) == 0 else {
                throw SocketFailure(
                    "\(path): the socket cannot be given to group '\(group)'; make this user a member of it")
            }
        }
        guard chmod(path, mode_t(mode)) == 0 else { throw SocketFailure("\(path): \(SystemError("chmod"))") }
    }
}
