import GRDB
import GRDBSQLite
import Glibc
import SQLiteSupport

extension JournalError {
    /// What an error from SQLite means for the journal in `file`. Errors of the journal's own pass unchanged.
    ///
    /// - Parameter database: the connection that failed, on its queue; nil when there is none.
    init(_ error: any Error, file: String, in database: Database? = nil) {
        switch error {
        case let error as JournalError: self = error
        case let error as DatabaseError:
            let isFull =
                database.map { DiskRoom.isLacking(error, in: $0) } ?? DiskRoom.isLacking(error, beside: file)
            if isFull {
                self = .full(file: file)
            } else {
                self.init(error, file: file)
            }
        default: self = .inputOutput(file: file, reason: "\(error)")
        }
    }

    private init(_ error: DatabaseError, file: String) {
        let reason = error.message ?? "SQLite gave no reason"
        switch error.resultCode {
        case .SQLITE_CORRUPT:
            self = .broken(file: file, sequence: nil, reason: "the file is damaged (\(reason))")
        case .SQLITE_NOTADB:
            self = .unusable(
                path: file,
                reason: "this is no journal. If it was one, it is damaged: restore the data directory from a backup. "
                    + "Otherwise name another data directory")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            self = .unusable(
                path: file,
                reason:
                    "cannot be opened for writing (\(reason)); give the aggregator's user the file and its directory")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .locked(file: file)
        default:
            let code = error.extendedResultCode.rawValue
            self = .inputOutput(file: file, reason: "input or output failed (\(reason), SQLite's code \(code))")
        }
    }

    /// What a failed system call means for `path`.
    ///
    /// - Parameter isSync: then it is final, whatever the system says.
    static func unusable(
        path: String, failed action: String, code: Int32 = errno, isSync: Bool = false
    ) -> JournalError {
        !isSync && DiskRoom.isLacking(accordingTo: code)
            ? .full(file: path)
            : .unusable(path: path, reason: "cannot \(action) (\(String(cString: strerror(code))))")
    }
}
