import Glibc

/// Keeps a data directory to one aggregator: an exclusive lock on the file `lock` in it, held for as long as this
/// object lives.
///
/// The kernel gives the lock back when the process ends, however it ends. The file itself stays.
public final class DataDirectoryLock: Sendable {
    private let descriptor: CInt

    /// Locks `directory`; throws `.unusable` when it is missing, no directory, not writable, or locked already, and `.full`
    /// when there is no room for the file.
    public init(directory: String) throws(JournalError) {
        try Self.checkDirectory(directory)
        descriptor = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            guard code != ENOSPC, code != EDQUOT else { throw .full(file: "\(directory)/lock") }
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
            throw .unusable(
                path: directory,
                reason: "another aggregator uses this data directory; stop it, or give this one a directory of its own")
        }
    }

    deinit {
        close(descriptor)
    }

    private static func checkDirectory(_ path: String) throws(JournalError) {
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
    }
}
