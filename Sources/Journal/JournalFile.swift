import Glibc

/// The journal's file before SQLite opens it.
enum JournalFile {
    /// Only the aggregator's user reads or writes it, whatever the umask says. SQLite gives its log the same mode.
    private static let mode: mode_t = 0o600

    /// Creates an empty file where there is none, its name in the directory made durable too: SQLite syncs what it
    /// writes into the file, not the entry that leads to it.
    static func createIfMissing(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            if errno == EEXIST { return try checkExisting(path) }
            throw .unusable(path: path, failed: "be created")
        }
        defer { close(descriptor) }
        // A log without its journal holds the last commits of a file that was lost; SQLite would play it into this
        // empty one.
        guard access(logPath(of: path), F_OK) != 0 else {
            unlink(path)
            throw .unusable(
                path: path, reason: "is missing, yet \(logPath(of: path)) is there; restore both from a backup")
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            throw .unusable(path: path, failed: "be given its mode and synced", isSync: true)
        }
        try syncDirectory(of: path)
    }

    /// The file that SQLite appends commits to before they are copied into the journal.
    static func logPath(of path: String) -> String {
        path + "-wal"
    }

    private static func checkExisting(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unusable(path: path, failed: "be opened for reading and writing by the aggregator's user")
        }
        close(descriptor)
    }

    private static func syncDirectory(of path: String) throws(JournalError) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unusable(path: directory, failed: "be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unusable(path: directory, failed: "be synced", isSync: true) }
    }
}
