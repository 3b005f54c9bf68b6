import Glibc
import SQLiteSupport
import Storage

/// The store's file before SQLite opens it.
enum StoreFile {
    /// Only the aggregator's user reads or writes it, whatever the umask says. SQLite gives its log the same mode.
    private static let mode: mode_t = 0o600

    /// Creates an empty file where there is none, and makes sure that it may be written to.
    static func createIfMissing(_ path: String) throws(StorageError) {
        var descriptor = open(path, O_RDWR | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT {
            try refuseOrphanedLog(of: path)
            descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor >= 0 { fchmod(descriptor, mode) }
        }
        guard descriptor >= 0 else {
            if DiskRoom.isLacking(accordingTo: errno) { throw .full(store: path) }
            let reason = String(cString: strerror(errno))
            throw .unusable(
                store: path, reason: "cannot be opened for reading and writing by the aggregator's user (\(reason))")
        }
        close(descriptor)
    }

    /// A log without its store holds the last folds of a file that was lost; SQLite would play it into an empty one.
    private static func refuseOrphanedLog(of path: String) throws(StorageError) {
        guard access("\(path)-wal", F_OK) != 0 else {
            throw .unusable(store: path, reason: "is missing, yet \(path)-wal is there; restore both from a backup")
        }
    }
}
