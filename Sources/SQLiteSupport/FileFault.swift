import GRDB
import GRDBSQLite
import Glibc

/// What an error of SQLite's, or of the system's about one of its files, means for whoever keeps something in that file.
public enum FileFault: Error, Sendable, Equatable {
    /// There is no room. What was tried was rolled back whole.
    case full
    /// Another process holds the file. Nothing was begun.
    case locked
    /// Reading, writing or syncing failed: what the disk holds is not known.
    case failed(reason: String)
    /// The file holds something other than what was written.
    case damaged(reason: String)
    /// The file, or the directory it stands in, cannot serve at all. `reason` says why and what to do.
    case unusable(path: String, reason: String)

    /// - Parameters:
    ///   - thing: what the file is, in a word for an operator.
    ///   - database: the connection that failed, on its queue; nil when there is none.
    public init(_ error: DatabaseError, file: String, thing: String, in database: Database? = nil) {
        let isFull = database.map { DiskRoom.isLacking(error, in: $0) } ?? DiskRoom.isLacking(error, beside: file)
        let reason = error.message ?? "SQLite gave no reason"
        self =
            switch error.resultCode {
            case _ where isFull: .full
            case .SQLITE_CORRUPT: .damaged(reason: "the file is damaged (\(reason))")
            case .SQLITE_NOTADB:
                .unusable(
                    path: file,
                    reason: "this is no \(thing). If it was one, it is damaged: restore the data directory from a "
                        + "backup. Otherwise name another data directory")
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
                .unusable(
                    path: file,
                    reason: "cannot be opened for writing (\(reason)); give the aggregator's user the file and its "
                        + "directory")
            case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
            default:
                .failed(
                    reason: "input or output failed (\(reason), SQLite's code \(error.extendedResultCode.rawValue))")
            }
    }

    /// A system call about `path` has failed.
    ///
    /// - Parameter isSync: then it is final, whatever the system says.
    public static func failed(_ action: String, _ path: String, code: CInt = errno, isSync: Bool = false) -> FileFault {
        !isSync && DiskRoom.isLacking(accordingTo: code)
            ? .full : .unusable(path: path, reason: "cannot \(action) (\(String(cString: strerror(code))))")
    }
}

/// A database's file before SQLite opens it.
public enum NewFile {
    /// Only the aggregator's user reads or writes it, whatever the umask says. SQLite gives its log the same mode.
    private static let mode: mode_t = 0o600

    /// Sees that there is a file that may be written to: an empty one where there was none, its name in the directory made
    /// durable too. SQLite syncs what it writes into the file, not the entry that leads to it.
    public static func createIfMissing(_ path: String) throws(FileFault) {
        var descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor < 0 else {
            close(descriptor)
            return
        }
        guard errno == ENOENT else {
            throw .failed("be opened for reading and writing by the aggregator's user", path)
        }
        // A log without its file holds the last commits of one that was lost; SQLite would play it into an empty one.
        guard access(logPath(of: path), F_OK) != 0 else {
            throw .unusable(
                path: path, reason: "is missing, yet \(logPath(of: path)) is there; restore both from a backup")
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .failed("be created", path) }
        defer { close(descriptor) }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            throw .failed("be given its mode and synced", path, isSync: true)
        }
        try syncDirectory(of: path)
    }

    /// The file that SQLite appends commits to before they are copied into the database.
    public static func logPath(of path: String) -> String {
        path + "-wal"
    }

    /// Makes durable which names the directory of the file `path` has.
    public static func syncDirectory(of path: String) throws(FileFault) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("be opened", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .failed("be synced", directory, isSync: true) }
    }
}
