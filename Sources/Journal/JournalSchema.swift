import Foundation
import GRDB

/// The two tables of a journal, and what its file says about itself.
enum JournalSchema {
    /// "RuOJ" in ASCII: what SQLite's `application_id` says in a journal.
    private static let applicationID: Int64 = 0x5275_4F4A
    private static let format: Int64 = 1

    private static let tables = """
        CREATE TABLE identity (
            journal_id BLOB NOT NULL,
            format INTEGER NOT NULL
        ) STRICT;
        -- The batch comes last, so that what stands before it is read without it.
        CREATE TABLE commits (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            record_count INTEGER NOT NULL,
            checksum BLOB NOT NULL,
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
            try database.execute(
                sql: "INSERT INTO identity (journal_id, format) VALUES (?, ?)",
                arguments: [JournalID.random().value.bigEndianBytes, format])
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            return .commit
        }
    }

    static func identity(in database: Database, file: String) throws -> JournalID {
        let row = try Row.fetchOne(database, sql: "SELECT format, journal_id FROM identity")
        guard let row, let found = row.integer(0), let identity = row.number128(1) else {
            throw JournalError.broken(file: file, sequence: nil, reason: "the journal's identity is missing")
        }
        guard found == format else {
            throw JournalError.unusable(
                path: file,
                reason: "the format is \(found) and this version reads \(format); run the version that wrote it")
        }
        return JournalID(identity)
    }

    /// The place after the last commit. SQLite keeps the highest sequence number ever given out in a table of its own;
    /// a last row below it means that rows are gone.
    static func last(in database: Database, of journal: JournalID, file: String) throws -> JournalPosition {
        let given = try Row.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'commits'")?.integer(
            0)
        let row = try Row.fetchOne(
            database, sql: "SELECT sequence, checksum FROM commits ORDER BY sequence DESC LIMIT 1")
        guard let row else {
            guard given == nil || given == 0 else { throw lost(given, file: file) }
            return .start(of: journal)
        }
        guard let last = row.position else {
            throw JournalError.broken(file: file, sequence: row.integer(0), reason: "its checksum is unreadable")
        }
        guard given == last.sequence else { throw lost(given, file: file) }
        return last
    }

    private static func lost(_ sequence: Int64?, file: String) -> JournalError {
        .broken(file: file, sequence: sequence, reason: "it was appended and is gone")
    }
}
