import GRDB
import Glibc

/// What SQLite would write outside of its file: what it sorts and does not keep, pseudonyms among it, in a directory that nobody
/// erases from.
public enum TemporaryFiles {
    /// Keeps that in memory. Call it for every connection.
    public static func avoid(in database: Database) throws {
        try database.execute(sql: "PRAGMA temp_store = MEMORY")
    }
}

/// The pages of a SQLite file that hold nothing any more.
///
/// They are used again before the file grows, so a few of them are of use. Many are given back to the disk: the last
/// pages of the file move into them, a few at a time, and the file is cut. Unlike `VACUUM` that copies nothing but those
/// pages, so it needs no second copy of the file, neither beside it nor in a temporary directory.
public enum SparePages {
    /// As many stay, of 4 KiB: 16 MiB.
    private static let pagesKept = 4096
    /// One page in so many stays, too.
    private static let shareKept = 4
    /// How many are given back in one transaction, which others wait for: 1 MiB.
    private static let pagesAtOnce = 256
    /// What the disk has to have free: moving pages writes each of them to the log first.
    public static let roomBytesMin: UInt64 = 64 * 1024 * 1024

    /// What `PRAGMA auto_vacuum` says of a file that may.
    private static let incremental = 2

    /// Lets a file give its pages back. It has to be said before the file has anything in it; of one made without, all
    /// stay.
    public static func allow(in database: Database) throws {
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
    }

    /// Gives some back, if there are many; call again until it returns 0, then not again at once: it returns 0 as well
    /// while somebody reads what the log has, and where the disk has not the room.
    ///
    /// - Parameters:
    ///   - database: a connection outside of a transaction, on its queue.
    ///   - path: the file.
    ///   - copier: the connection's, if it has one.
    /// - Returns: how many bytes smaller the file is.
    public static func giveBack(
        in database: Database, path: String, copier: LogCopier? = nil, roomBytesMin: UInt64 = roomBytesMin
    ) throws -> Int {
        guard try Int.fetchOne(database, sql: "PRAGMA auto_vacuum") == incremental else { return 0 }
        let count = try count(in: database)
        guard count.spare > max(pagesKept, count.all / shareKept), hasRoom(path, bytes: roomBytesMin),
            try Checkpoint.emptyLog(of: database, with: copier, waitMilliseconds: 0)
        else { return 0 }
        try database.execute(sql: "PRAGMA incremental_vacuum(\(pagesAtOnce))")
        // The file is cut when the log is copied. Where a reader keeps that from happening now, the next commits do it.
        _ = try Checkpoint.emptyLog(of: database, with: copier, waitMilliseconds: 0)
        let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        return try (count.all - self.count(in: database).all) * pageBytes
    }

    private static func count(in database: Database) throws -> (all: Int, spare: Int) {
        (
            try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0,
            try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        )
    }

    private static func hasRoom(_ path: String, bytes: UInt64) -> Bool {
        var status = statvfs()
        return statvfs(path, &status) == 0 && UInt64(status.f_bavail) * UInt64(status.f_frsize) >= bytes
    }
}
