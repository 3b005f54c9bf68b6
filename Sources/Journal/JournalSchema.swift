import FoundationEssentials
import GRDB
import SQLiteSupport

/// The two tables of a journal, and what its file says about itself.
enum JournalSchema {
    /// "RuOJ" in ASCII: what SQLite's `application_id` says in a journal.
    private static let applicationID: Int64 = 0x5275_4F4A
    private static let format: Int64 = 2

    private static let tables = """
        CREATE TABLE identity (
            journal_id BLOB NOT NULL,
            format INTEGER NOT NULL,
            -- The last commit that was removed as no longer needed; 0 and the journal's id while there was none.
            start_sequence INTEGER NOT NULL,
            start_checksum BLOB NOT NULL
        ) STRICT;
        -- The batch comes last, so that what stands before it is read without it.
        CREATE TABLE commits (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            checksum BLOB NOT NULL,
            record_count INTEGER NOT NULL,
            -- Milliseconds since 1970, UTC.
            committed_ms INTEGER NOT NULL,
            -- 16 random bytes that salt the batch's digest; or, once records in it were erased, that digest and another.
            seal BLOB NOT NULL,
            batch BLOB NOT NULL
        ) STRICT;
        """

    /// Whether the file is empty still; throws when it is another application's, before anything in it is touched.
    static func isMissing(from database: Database, file: String) throws -> Bool {
        let application = try Int64.fetchOne(database, sql: "PRAGMA application_id")
        if application == applicationID { return false }
        let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema")
        guard application == 0, objects == 0 else {
            throw JournalError.unusable(
                path: file, reason: "this is another application's SQLite file; name another data directory")
        }
        return true
    }

    static func create(in database: Database) throws {
        try database.inTransaction(.immediate) {
            try database.execute(sql: tables)
            let id = JournalID.random().value.bigEndianBytes
            try database.execute(
                sql: "INSERT INTO identity (journal_id, format, start_sequence, start_checksum) VALUES (?, ?, 0, ?)",
                arguments: [id, format, id])
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            return .commit
        }
    }

    /// The journal's id, and the place before the first commit that is still there.
    static func identity(
        in database: Database, file: String
    ) throws -> (identity: JournalID, start: JournalPosition) {
        guard let found = try Row.fetchOne(database, sql: "SELECT format FROM identity").flatMap({ try? $0.integer(0) })
        else {
            throw missingIdentity(file: file)
        }
        guard found == format else {
            throw JournalError.unusable(
                path: file,
                reason: "the format is \(found) and this version reads \(format); run the version that wrote it")
        }
        let row = try Row.fetchOne(database, sql: "SELECT start_sequence, start_checksum, journal_id FROM identity")
        guard let start = row?.position, let identity = try? row?.number128(2) else {
            throw missingIdentity(file: file)
        }
        return (JournalID(identity), start)
    }

    /// Says that the commits up to `start` are there no more.
    static func setStart(_ start: JournalPosition, in database: Database) throws {
        try database.execute(
            sql: "UPDATE identity SET start_sequence = ?, start_checksum = ?",
            arguments: [start.sequence, start.checksum.bigEndianBytes])
    }

    /// The place after the last commit. SQLite keeps the highest sequence number ever given out in a table of its own;
    /// a last row below it means that rows are gone.
    static func last(
        in database: Database, after start: JournalPosition, file: String
    ) throws -> JournalPosition {
        let given =
            try Row.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'commits'")?.integer(0) ?? 0
        let row = try Row.fetchOne(
            database, sql: "SELECT sequence, checksum FROM commits ORDER BY sequence DESC LIMIT 1")
        guard let row else {
            guard given == start.sequence else { throw lost(given, file: file) }
            return start
        }
        guard let last = row.position else {
            throw JournalError.broken(file: file, sequence: try? row.integer(0), reason: "its checksum is unreadable")
        }
        guard given == last.sequence else { throw lost(given, file: file) }
        return last
    }

    private static func missingIdentity(file: String) -> JournalError {
        .broken(file: file, sequence: nil, reason: "the journal's identity is missing")
    }

    private static func lost(_ sequence: Int64?, file: String) -> JournalError {
        .broken(file: file, sequence: sequence, reason: "it was appended and is gone")
    }
}
