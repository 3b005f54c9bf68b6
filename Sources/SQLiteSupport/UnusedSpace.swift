import GRDB
import GRDBSQLite

/// The room that a SQLite file does not use, and what it may still hold of rows that are gone.
///
/// With `secure_delete` SQLite overwrites what it deletes, where it stands. But where rows moved to another page before,
/// their bytes stay behind in the room between the rows of the old one. And the log holds pages as they were. So this
/// empties the log, and overwrites in each page of a table or an index what lies between its rows, but for gaps of up to
/// three bytes, of which the format keeps no list.
///
/// That is safe at any moment, and needs no room on the disk: what is overwritten means nothing to SQLite, no other byte
/// is written, and a death midway leaves the same rows. It is written through SQLite's own handle of the file, while
/// this connection alone may write and the log is empty, so that no page is newer elsewhere; what the connection has in
/// memory is dropped afterwards. Other connections that write would bring old bytes back: there must be none. (A
/// ``LogCopier`` writes what the log has, which is nothing.)
///
/// Source of the format: https://www.sqlite.org/fileformat2.html#b_tree_pages
public struct UnusedSpace {
    public enum Progress: Sendable {
        case done
        case more
        /// Somebody reads what the log has, or writes, so nothing was overwritten.
        case held
    }

    private let copier: LogCopier?
    private let waitMilliseconds: CInt
    private let writesAgain: Bool
    /// The pages that are still to be looked at; nil before they are listed.
    private var pages: [UInt32]?
    /// SQLite's number for what other connections have changed, as it was when they were listed.
    private var changesByOthers: Int64?

    /// - Parameters:
    ///   - waitMilliseconds: how long each step waits for readers, which keeps out who writes.
    ///   - writesAgain: writes what reads as overwritten already as well. After a sync that failed the kernel may read
    ///     bytes from its memory that never reached the disk, and takes them for written.
    ///   - copier: of the connection that writes, if it has one.
    public init(waitMilliseconds: CInt, writesAgain: Bool, copier: LogCopier? = nil) {
        self.copier = copier
        self.waitMilliseconds = waitMilliseconds
        self.writesAgain = writesAgain
    }

    /// Overwrites what is unused in the next pages. Between two steps this connection may add rows at the end of tables,
    /// but change nothing else: a page that is listed has to stay one of its table. Where others changed the file, as an
    /// operator's `VACUUM` does, all begins anew.
    ///
    /// - Parameters:
    ///   - database: the only connection that writes, outside of a transaction.
    ///   - pagesMax: after how many pages others may write again.
    public mutating func overwrite(in database: Database, pagesMax: Int) throws -> Progress {
        guard try Checkpoint.emptyLog(of: database, with: copier, waitMilliseconds: waitMilliseconds),
            let connection = database.sqliteConnection, let file = DatabaseFile.main(of: connection),
            let log = DatabaseFile.log(of: connection)
        else { return .held }
        var progress = Progress.held
        try database.inTransaction(.immediate) {
            // Another process may have written in between.
            guard try log.byteCount() == 0 else { return .rollback }
            let tables = try TablePages(file, in: database)
            let changes = try Int64.fetchOne(database, sql: "PRAGMA data_version")
            if changes != changesByOthers { pages = nil }
            changesByOthers = changes
            var left = try pages ?? tables.list()
            for page in left.suffix(pagesMax) { try tables.overwriteUnused(in: page, again: writesAgain) }
            // Whether or not anything was written now: a try before this one may have ended without.
            try log.sync()
            try file.sync()
            left.removeLast(min(pagesMax, left.count))
            pages = left
            progress = left.isEmpty ? .done : .more
            return .rollback
        }
        sqlite3_db_release_memory(connection)
        return progress
    }
}

/// The pages of a file's tables and indexes.
private struct TablePages {
    private let file: DatabaseFile
    private let pageBytes: Int
    private let usableBytes: Int
    private let pageCount: Int
    private let roots: [UInt32]

    init(_ file: DatabaseFile, in database: Database) throws {
        self.file = file
        pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        roots =
            try [1]
            + Int64.fetchAll(database, sql: "SELECT rootpage FROM sqlite_schema WHERE rootpage > 1").map {
                UInt32(clamping: $0)
            }
        var header = [UInt8](repeating: 0, count: 100)
        try file.read(into: &header, at: 0)
        usableBytes = pageBytes - Int(header[20])
        pageCount = Int(try file.byteCount()) / pageBytes
    }

    /// All of them. The lowest pages of a tree are named by those above and not read.
    func list() throws -> [UInt32] {
        var all: [UInt32] = []
        for root in roots {
            var level = [root]
            while let first = level.first {
                all += level
                guard all.count <= pageCount else { throw Self.damage(first) }
                guard try page(first).isInterior else { break }
                level = try level.flatMap { try page($0).children() }
            }
        }
        return all
    }

    func overwriteUnused(in number: UInt32, again: Bool) throws {
        let page = try page(number)
        for range in try page.unused() where again || page.bytes[range].contains(where: { $0 != 0 }) {
            let zeros = [UInt8](repeating: 0, count: range.count)
            try file.write(zeros[...], at: offset(of: number) + Int64(range.lowerBound))
        }
    }

    private func page(_ number: UInt32) throws -> TablePage {
        guard 1...pageCount ~= Int(number) else { throw Self.damage(number) }
        var bytes = [UInt8](repeating: 0, count: pageBytes)
        try file.read(into: &bytes, at: offset(of: number))
        guard let page = TablePage(bytes, usableBytes: usableBytes, number: number) else { throw Self.damage(number) }
        return page
    }

    private func offset(of number: UInt32) -> Int64 {
        (Int64(number) - 1) * Int64(pageBytes)
    }

    static func damage(_ page: UInt32) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "page \(page) is not as it should be")
    }
}

/// One page of a table or an index.
private struct TablePage {
    let bytes: [UInt8]
    let isInterior: Bool
    private let number: UInt32
    private let header: Int
    private let pointers: Range<Int>
    private let contentStart: Int
    private let usableBytes: Int

    /// Nil when the bytes are none.
    init?(_ bytes: [UInt8], usableBytes: Int, number: UInt32) {
        self.bytes = bytes
        self.usableBytes = usableBytes
        self.number = number
        // The file's own header comes first.
        header = number == 1 ? 100 : 0
        switch bytes[header] {
        case 2, 5: isInterior = true
        case 10, 13: isInterior = false
        default: return nil
        }
        let start = header + (isInterior ? 12 : 8)
        pointers = start..<start + 2 * bytes.number16(at: header + 3)
        let content = bytes.number16(at: header + 5)
        contentStart = content == 0 ? 65536 : content
        guard pointers.upperBound <= contentStart, contentStart <= usableBytes else { return nil }
    }

    /// The pages below it, the last one last.
    func children() throws -> [UInt32] {
        let cells = try stride(from: pointers.lowerBound, to: pointers.upperBound, by: 2).map { pointer in
            let cell = bytes.number16(at: pointer)
            guard cell >= contentStart, cell <= usableBytes - 4 else { throw TablePages.damage(number) }
            return bytes.bigEndian(UInt32.self, at: cell)
        }
        return cells + [bytes.bigEndian(UInt32.self, at: header + 8)]
    }

    /// Between the pointers and the first row, and between rows.
    func unused() throws -> [Range<Int>] {
        var ranges = [pointers.upperBound..<contentStart]
        var block = bytes.number16(at: header + 1)
        while block != 0 {
            guard block >= contentStart, block <= usableBytes - 4 else { throw TablePages.damage(number) }
            let (next, size) = (bytes.number16(at: block), bytes.number16(at: block + 2))
            guard size >= 4, block + size <= usableBytes, next == 0 || next >= block + size else {
                throw TablePages.damage(number)
            }
            ranges.append(block + 4..<block + size)
            block = next
        }
        return ranges
    }
}

extension [UInt8] {
    fileprivate func number16(at offset: Int) -> Int {
        Int(bigEndian(UInt16.self, at: offset))
    }
}
