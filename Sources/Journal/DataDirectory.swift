import FoundationEssentials
import Glibc

/// What the databases of a data directory are called.
public enum DataFileName {
    public static let journal = "journal.sqlite"
    public static let store = "store.sqlite"
}

/// Keeps a data directory to one aggregator: an exclusive lock on the file `lock` in it, held for as long as this
/// object lives.
///
/// The kernel gives the lock back when the process ends, however it ends. The file itself stays.
public final class DataDirectoryLock: Sendable {
    private let descriptor: CInt

    /// Locks `directory`; throws `.unusable` when it is missing, no directory or not writable, `.inUse` when it is locked
    /// already, and `.full` when there is no room for the file. A file that root makes belongs to the directory's owner.
    public init(directory: String) throws(JournalError) {
        let owner = try Self.checkDirectory(directory)
        descriptor = open("\(directory)/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            guard code != ENOSPC, code != EDQUOT else { throw .full(file: "\(directory)/lock") }
            guard code != ELOOP else {
                throw .unusable(
                    path: "\(directory)/lock", reason: "is a symbolic link; see who made it, and remove it")
            }
            guard code != EROFS else {
                throw .unusable(
                    path: directory,
                    reason: "its file system is mounted read-only; see dmesg, then mount it for writing")
            }
            let isThere = access("\(directory)/lock", F_OK) == 0
            throw .unusable(
                path: isThere ? "\(directory)/lock" : directory,
                failed: "be written to by the aggregator's user; give it \(isThere ? "the file" : "the directory")",
                code: code)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // No deinit runs for an object whose init throws.
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw .unusable(path: directory, failed: "be locked", code: code) }
            throw .inUse(directory: directory)
        }
        // Where it cannot be given away, it is who starts next that says so.
        if geteuid() == 0 { _ = fchown(descriptor, owner.st_uid, owner.st_gid) }
    }

    deinit {
        close(descriptor)
    }

    /// Whether somebody has locked `directory`, as the kernel's list of locks says, without a lock of its own that would keep
    /// an aggregator from starting. Nil where that is not told.
    public static func isHeld(directory: String) -> Bool? {
        var status = stat()
        guard stat("\(directory)/lock", &status) == 0 else { return errno == ENOENT ? false : nil }
        guard let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else { return nil }
        return locks.split(separator: "\n").contains { line in
            // 1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF
            let fields = line.split(separator: " ")
            return fields.count == 8 && fields[1] == "FLOCK"
                && fields[5].split(separator: ":").last == "\(status.st_ino)"
        }
    }

    private static func checkDirectory(_ path: String) throws(JournalError) -> stat {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT {
                throw .unusable(
                    path: path, reason: "no such data directory; create it, mode 0700, owned by the aggregator's user")
            }
            throw .unusable(path: path, failed: "be looked at")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unusable(path: path, reason: "the data directory must be a directory, and this is none")
        }
        return status
    }
}

/// Whose a directory is. What root makes in an aggregator's it could not write to; and whoever has got hold of the aggregator's user
/// may have put links there, which root would follow.
public struct DirectoryOwner: Sendable {
    public let user: uid_t
    public let group: gid_t

    public init(of directory: String) throws(JournalError) {
        var status = stat()
        guard stat(directory, &status) == 0 else { throw .unusable(path: directory, failed: "be looked at") }
        self.init(status)
    }

    public init(_ status: stat) {
        (user, group) = (status.st_uid, status.st_gid)
    }

    /// Root goes on as that user, the whole process, and anybody else as who he is. access(2) still asks for root.
    public func take() throws(JournalError) {
        guard getuid() == 0, user != 0 else { return }
        guard setgroups(1, [group]) == 0, setegid(group) == 0, seteuid(user) == 0 else {
            let code = errno
            giveBack()
            throw .unusable(path: "user \(user), group \(group)", failed: "be taken on by root", code: code)
        }
    }

    public func giveBack() {
        guard getuid() == 0, user != 0 else { return }
        _ = seteuid(0)
        _ = setegid(0)
        _ = initgroups("root", 0)
    }
}

/// A file in the data directory that holds some room, so that an aggregator can start on a full disk: opening a database
/// takes a little, and without it no report could be read.
///
/// It is given up when a start finds no room, and taken again at the next start, or clean stop, that finds some.
public struct RoomReserve: Sendable {
    /// What two logs' indexes need, and a good deal more for long logs; as much of it as there is.
    private static let bytesWanted = [256, 128, 64].map { $0 * 1024 }

    private let path: String

    public init(directory: String) {
        path = "\(directory)/reserve"
    }

    /// Gives the room to whoever needs it. Returns whether there was any.
    public func release() -> Bool {
        unlink(path) == 0
    }

    /// Takes the room, if there is any. It is no failure when there is none.
    public func take() {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        for bytes in Self.bytesWanted where bytes > status.st_size {
            if posix_fallocate(descriptor, 0, off_t(bytes)) == 0 { return }
        }
        if status.st_size == 0 { unlink(path) }
    }
}
