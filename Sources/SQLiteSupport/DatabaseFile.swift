import GRDB
import GRDBSQLite

/// A file that SQLite has open, through SQLite's own handle: closing another descriptor of it would let go of every lock
/// that this process has on the file.
struct DatabaseFile {
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let methods: sqlite3_io_methods

    /// The database file itself.
    static func main(of connection: OpaquePointer) -> DatabaseFile? {
        DatabaseFile(SQLITE_FCNTL_FILE_POINTER, of: connection)
    }

    /// The log beside it.
    static func log(of connection: OpaquePointer) -> DatabaseFile? {
        DatabaseFile(SQLITE_FCNTL_JOURNAL_POINTER, of: connection)
    }

    private init?(_ which: CInt, of connection: OpaquePointer) {
        var pointer: UnsafeMutablePointer<sqlite3_file>?
        let result = withUnsafeMutablePointer(to: &pointer) { sqlite3_file_control(connection, "main", which, $0) }
        guard result == SQLITE_OK, let pointer, let methods = pointer.pointee.pMethods else { return nil }
        file = pointer
        self.methods = methods.pointee
    }

    /// The system's number of the last error in reading or writing; nil where SQLite does not tell.
    var lastError: CInt? {
        var code: CInt = 0
        let result = withUnsafeMutablePointer(to: &code) { methods.xFileControl?(file, SQLITE_FCNTL_LAST_ERRNO, $0) }
        return result == SQLITE_OK ? code : nil
    }

    func byteCount() throws -> Int64 {
        var count: sqlite3_int64 = 0
        try check(methods.xFileSize?(file, &count), "its size cannot be told")
        return count
    }

    func read(into bytes: inout [UInt8], at offset: Int64) throws {
        let count = CInt(bytes.count)
        try check(
            bytes.withUnsafeMutableBytes { methods.xRead?(file, $0.baseAddress, count, offset) }, "reading failed")
    }

    func write(_ bytes: ArraySlice<UInt8>, at offset: Int64) throws {
        let result = bytes.withUnsafeBytes { methods.xWrite?(file, $0.baseAddress, CInt($0.count), offset) }
        // Told apart here: whoever catches it would ask the log, as of a commit that failed.
        if result == DiskRoom.writeFailed {
            throw DatabaseError(
                resultCode: DiskRoom.isLacking(accordingTo: lastError) ? .SQLITE_FULL : .SQLITE_IOERR,
                message: "writing failed")
        }
        try check(result, "writing failed")
    }

    func sync() throws {
        try check(methods.xSync?(file, SQLITE_SYNC_NORMAL), "syncing failed")
    }

    private func check(_ result: CInt?, _ message: String) throws {
        guard result == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: result ?? SQLITE_MISUSE), message: message)
        }
    }
}
