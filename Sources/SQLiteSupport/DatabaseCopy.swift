import GRDB
import Glibc

/// Copies of a SQLite file that others read and write meanwhile.
///
/// SQLite's `VACUUM INTO` reads one state of the file in one transaction, through a connection that cannot write, and so never
/// begins to copy the log. Until it ends the log cannot start over: it grows by what is committed, and whoever wants to empty it
/// waits. What is copied is rows, so the copy has nothing of what was deleted, nor the room that it left. SQLite's backup
/// interface would copy pages, those too, and would hold the log for as long; or, done in steps, begin anew with each commit.
public enum DatabaseCopy {
    /// How long it waits for whoever is just emptying the log.
    private static let patience = 10.0

    /// How many bytes a copy takes, at most but for a few pages.
    public static func byteCount(of path: String) throws(FileFault) -> Int64 {
        try read(path) { database in
            let pages = try ["page_count", "freelist_count", "page_size"].map {
                try Int64.fetchOne(database, sql: "PRAGMA \($0)") ?? 0
            }
            return (pages[0] - pages[1]) * pages[2]
        }
    }

    /// Copies what the file at `path` holds now into a new file `target`, mode 0600, which is on disk when this returns, the
    /// entry of the directory that leads to it apart.
    public static func make(of path: String, at target: String) throws(FileFault) {
        let descriptor = open(target, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .failed("be created", target) }
        // Not before SQLite has closed its own: that would let go of its locks, of which nobody else asks.
        defer { close(descriptor) }
        try read(path, writing: target) { try $0.execute(sql: "VACUUM INTO ?", arguments: [target]) }
        guard fsync(descriptor) == 0 else { throw .failed("be synced", target, isSync: true) }
    }

    /// Throws `.damaged` where the file is not whole. Reads all of it, and changes nothing.
    public static func checkIntegrity(of path: String) throws(FileFault) {
        let finding = try read(path) { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
        guard finding == "ok" else {
            throw .damaged(reason: "the file is damaged (\(finding ?? "SQLite says nothing"))")
        }
    }

    private static func read<Value>(
        _ path: String, writing target: String? = nil, _ body: (Database) throws -> Value
    ) throws(FileFault) -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "copy"
        configuration.busyMode = .timeout(patience)
        configuration.prepareDatabase { try TemporaryFiles.avoid(in: $0) }
        do {
            let connection = try DatabaseQueue(path: path, configuration: configuration)
            let value = try connection.writeWithoutTransaction(body)
            try connection.close()
            return value
        } catch let error as DatabaseError {
            if DiskRoom.isLacking(error, beside: target ?? path) { throw .full }
            throw FileFault(error, file: path, thing: "SQLite file")
        } catch {
            throw .failed(reason: "\(error)")
        }
    }
}
