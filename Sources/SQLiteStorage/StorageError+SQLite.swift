import GRDB
import GRDBSQLite
import SQLiteSupport
import Storage

extension StorageError {
    /// What an error from SQLite means for the store in the file `store`. Errors of the store's own pass unchanged.
    ///
    /// - Parameter database: the connection that failed, on its queue; nil when there is none.
    init(_ error: any Error, store: String, in database: Database? = nil) {
        switch error {
        case let error as StorageError: self = error
        case let error as DatabaseError:
            let isFull =
                database.map { DiskRoom.isLacking(error, in: $0) } ?? DiskRoom.isLacking(error, beside: store)
            if isFull {
                self = .full(store: store)
            } else {
                self.init(error, store: store)
            }
        case is CancellationError: self = .cancelled(store: store)
        default: self = .inputOutput(store: store, reason: "\(error)")
        }
    }

    private init(_ error: DatabaseError, store: String) {
        let reason = error.message ?? "SQLite gave no reason"
        switch error.resultCode {
        case .SQLITE_CORRUPT:
            self = .damaged(store: store, reason: "the file is damaged (\(reason))")
        case .SQLITE_NOTADB:
            self = .unusable(
                store: store,
                reason: "this is no store. If it was one, it is damaged: restore the data directory from a backup. "
                    + "Otherwise name another data directory")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            self = .unusable(
                store: store,
                reason:
                    "cannot be opened for writing (\(reason)); give the aggregator's user the file and its directory")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .locked(store: store)
        default:
            let code = error.extendedResultCode.rawValue
            self = .inputOutput(store: store, reason: "input or output failed (\(reason), SQLite's code \(code))")
        }
    }
}
