import GRDB
import Storage

/// The tables of a store, and what its file says about itself.
enum Schema {
    /// "RuOS" in ASCII: what SQLite's `application_id` says in a store.
    private static let applicationID = 0x5275_4F53
    /// What SQLite's `user_version` says.
    private static let format = 1

    /// All times are milliseconds since 1970, UTC.
    private static let tables = """
        -- Sites, the rules of each, the outcomes of each, the conversions of each. A name is the bytes of its UTF-8,
        -- because SQLite's text ends at a NUL; the one that stands for all beyond the limit has no bytes and is_other.
        CREATE TABLE dimension (
            id INTEGER PRIMARY KEY,
            parent_id INTEGER NOT NULL,
            is_other INTEGER NOT NULL,
            name BLOB NOT NULL,
            -- How many names stand under this one, without the one for the others.
            children INTEGER NOT NULL DEFAULT 0,
            UNIQUE (parent_id, is_other, name)
        ) STRICT;
        CREATE TABLE rule_total (
            rule_id INTEGER PRIMARY KEY,
            events INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE conversion_total (
            conversion_id INTEGER PRIMARY KEY,
            subjects INTEGER NOT NULL,
            events INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL
        ) STRICT;
        -- When a subject first did it. The subject's 16 bytes are two integers, the first bytes in the high one.
        CREATE TABLE first_time (
            conversion_id INTEGER NOT NULL,
            subject_high INTEGER NOT NULL,
            subject_low INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            PRIMARY KEY (conversion_id, subject_high, subject_low)
        ) STRICT, WITHOUT ROWID;
        -- One row, once something is folded.
        CREATE TABLE fold_position (
            id INTEGER PRIMARY KEY CHECK (id = 0),
            journal_id BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            checksum BLOB NOT NULL
        ) STRICT;
        """

    /// Throws when the file is another application's or of a newer format, before anything in it is touched.
    static func check(_ database: Database, file: String) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
            guard try isEmpty(database) else {
                throw StorageError.unusable(
                    store: file, reason: "this is another application's SQLite file; name another data directory")
            }
            return
        }
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found == format else {
            throw StorageError.unusable(
                store: file,
                reason: "the format is \(found) and this version reads \(format); run the version that wrote it")
        }
    }

    static func createIfMissing(in database: Database) throws {
        try database.inTransaction(.immediate) {
            if try isEmpty(database) {
                try database.execute(sql: tables)
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(format)")
            }
            return .commit
        }
    }

    private static func isEmpty(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "PRAGMA application_id") == 0
            && Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
    }
}
