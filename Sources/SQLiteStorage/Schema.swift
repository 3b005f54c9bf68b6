import GRDB
import Storage

/// The tables of a store, and what its file says about itself.
enum Schema {
    /// "RuOS" in ASCII: what SQLite's `application_id` says in a store.
    private static let applicationID = 0x5275_4F53
    /// What SQLite's `user_version` says.
    private static let format = 3

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
            exposures INTEGER NOT NULL,
            conversions INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL
        ) STRICT;
        -- What is kept of a subject, from which all that is counted of it follows. Its 16 bytes are two integers, the
        -- first bytes in the high one.
        CREATE TABLE subject (
            rule_id INTEGER NOT NULL,
            subject_high INTEGER NOT NULL,
            subject_low INTEGER NOT NULL,
            history BLOB NOT NULL,
            PRIMARY KEY (rule_id, subject_high, subject_low)
        ) STRICT, WITHOUT ROWID;
        -- Counts of an outcome or a conversion, by the quarter of an hour, the hour, the day and the 32 days
        -- (levels 0 to 3).
        CREATE TABLE cell (
            rule_id INTEGER NOT NULL,
            level INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            dimension_id INTEGER NOT NULL,
            measure INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (rule_id, level, slot, dimension_id, measure)
        ) STRICT, WITHOUT ROWID;
        -- How many subjects were active in a quarter of an hour, by how many quarters before they had been. In the quarters
        -- from some start on, a subject is new in one when the one before lies before that start: when its gap is larger
        -- than the distance to the start. So the distinct subjects of a span are the sum over its rows with such gaps.
        CREATE TABLE activity (
            rule_id INTEGER NOT NULL,
            quarter INTEGER NOT NULL,
            dimension_id INTEGER NOT NULL,
            gap INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (rule_id, quarter, dimension_id, gap)
        ) STRICT, WITHOUT ROWID;
        -- What requests are answered. The door is the forward protocol's number of it, 0 where there is none.
        CREATE TABLE answer_kind (
            id INTEGER PRIMARY KEY,
            door INTEGER NOT NULL,
            status INTEGER NOT NULL,
            reason BLOB NOT NULL,
            UNIQUE (door, status, reason)
        ) STRICT;
        -- How many answers there were, by levels as cells are. Under rule 0 and outcome 0 stand all of the site.
        CREATE TABLE answer (
            site_id INTEGER NOT NULL,
            rule_id INTEGER NOT NULL,
            level INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            outcome_id INTEGER NOT NULL,
            kind_id INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (site_id, rule_id, level, slot, outcome_id, kind_id)
        ) STRICT, WITHOUT ROWID;
        -- Since when which window holds.
        CREATE TABLE site_window (
            site_id INTEGER NOT NULL,
            start_quarter INTEGER NOT NULL,
            days INTEGER NOT NULL,
            PRIMARY KEY (site_id, start_quarter)
        ) STRICT, WITHOUT ROWID;
        -- The groups in force, each as JSON.
        CREATE TABLE outcome_group (
            id INTEGER PRIMARY KEY,
            rule_id INTEGER NOT NULL,
            definition BLOB NOT NULL,
            start_quarter INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX outcome_group_rule ON outcome_group (rule_id);
        -- Since when subjects of which epoch have come.
        CREATE TABLE epoch (
            id BLOB PRIMARY KEY NOT NULL,
            first_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- One row, once something is folded.
        CREATE TABLE fold_position (
            id INTEGER PRIMARY KEY CHECK (id = 0),
            journal_id BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            checksum BLOB NOT NULL
        ) STRICT;
        """

    /// Whether the file is empty still; throws when it is another application's or of a newer format, before anything in it
    /// is touched.
    static func isMissing(from database: Database, file: String) throws -> Bool {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
            guard try isEmpty(database) else {
                throw StorageError.unusable(
                    store: file, reason: "this is another application's SQLite file; name another data directory")
            }
            return true
        }
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found >= format else {
            throw StorageError.unusable(
                store: file,
                reason:
                    "the format is \(found) and this version reads \(format); run "
                    + "`rule-outcomes recount`, which counts what the journal still has")
        }
        guard found == format else {
            throw StorageError.unusable(
                store: file,
                reason: "the format is \(found) and this version reads \(format); run the version that wrote it")
        }
        return false
    }

    static func createIfMissing(in database: Database) throws {
        try database.inTransaction(.immediate) {
            if try isEmpty(database) {
                try database.execute(sql: tables)
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(format)")
            }
            try ErasureTable.createIfMissing(in: database)
            try HiddenTable.createIfMissing(in: database)
            try DeletionTable.createIfMissing(in: database)
            return .commit
        }
    }

    private static func isEmpty(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "PRAGMA application_id") == 0
            && Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
    }
}
