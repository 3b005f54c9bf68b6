import GRDB
import GRDBSQLite
import Glibc

/// Whether an error means that there is no room: on the disk, in a quota, or below the largest size of a file. Then
/// nothing was stored, and the same may succeed later.
///
/// SQLite tells of a full disk alone; of the others it says that writing failed, as of a broken disk. A failed sync is
/// never taken for want of room, whatever the system says: what the disk holds is not known after it.
public enum DiskRoom {
    static let writeFailed = SQLITE_IOERR | (3 << 8)
    private static let sharedMemoryErrors = [18, 19, 21].map { SQLITE_IOERR | ($0 << 8) }
    private static let probeBytes = 64 * 1024

    /// - Parameter database: the connection that failed, on its queue.
    public static func isLacking(_ error: DatabaseError, in database: Database) -> Bool {
        // A connection that is closed has none.
        guard let connection = database.sqliteConnection else { return false }
        if error.extendedResultCode.rawValue == writeFailed {
            // A commit writes to the log; it fails there or nowhere.
            return isLacking(accordingTo: lastError(of: DatabaseFile.log(of: connection)))
        }
        return isLacking(error, beside: sqlite3_db_filename(connection, "main").map { String(cString: $0) })
    }

    /// For errors that leave no connection to ask: of opening, and of the log's index, which is as small as it is
    /// needed.
    public static func isLacking(_ error: DatabaseError, beside path: String?) -> Bool {
        let code = error.extendedResultCode.rawValue
        if error.resultCode == .SQLITE_FULL { return true }
        guard let path, error.resultCode == .SQLITE_CANTOPEN || ([writeFailed] + sharedMemoryErrors).contains(code)
        else {
            return false
        }
        return isLacking(accordingTo: probe(directoryOf: path))
    }

    /// - Parameter code: the system's number of an error in writing or creating a file.
    public static func isLacking(accordingTo code: CInt?) -> Bool {
        [ENOSPC, EDQUOT, EFBIG].contains(code)
    }

    static func lastError(of file: DatabaseFile?) -> CInt? {
        file?.lastError
    }

    /// What the system says to a small file in the same directory, which nobody sees; nil when there is room.
    private static func probe(directoryOf path: String) -> CInt? {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        var name = Array("\(directory)room-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return errno }
        unlink(name)
        defer { close(descriptor) }
        let code = posix_fallocate(descriptor, 0, off_t(probeBytes))
        return code == 0 ? nil : code
    }
}
