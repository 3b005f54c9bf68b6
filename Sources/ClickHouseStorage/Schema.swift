import Records
import Storage

/// The tables of a database that is one shard. All have what is counted in a form that may be written again without
/// a difference: a retry, a restart or another aggregator writes the same rows, or ones that say more, and what is read is
/// their union, the least, or the largest. ClickHouse removes rows that are told twice some time later; nothing
/// depends on when.
///
/// All times are milliseconds since 1970, UTC. A subject's 16 bytes are two integers, the first bytes in the high one. Ids are
/// those of ``NameTree``.
enum Schema {
    private struct Table {
        let name: String
        let columns: String
        let engine: String
    }

    private static let tables = [
        // Names. A later state outranks an earlier one.
        Table(
            name: "name", columns: "parent Int64, id Int64, is_other UInt8, text String, state UInt8",
            engine: "ReplacingMergeTree(state) ORDER BY (parent, id)"),
        // That a subject met an outcome, with conversion 0, or did a conversion under it, from the first to the last time of a
        // fold within one quarter of an hour; and where that comes from, as `Positions` has it. Of a fact that a journal tells
        // twice the one with the larger rank stays, which is the first.
        Table(
            name: "fact",
            columns: """
                rule Int64, high Int64, low Int64, outcome Int64, conversion Int64, first Int64, last Int64,
                journal Int64, rank Int64
                """,
            engine: """
                ReplacingMergeTree(rank) ORDER BY (rule, high, low, outcome, conversion, first, last, journal)
                """),
        // All recorded calls of a journal by outcome or conversion and quarter, so far. The row of rule 0 is how far the journal
        // is counted: its count is the sequence, its first and last are the commit's checksum. It is written with the counts
        // that lead there, in one part, so it is never there without them.
        Table(
            name: "tally",
            columns: """
                rule Int64, dimension Int64, quarter Int64, journal_high Int64, journal_low Int64, count Int64,
                first Int64, last Int64
                """,
            engine: "ReplacingMergeTree(count) ORDER BY (rule, dimension, quarter, journal_high, journal_low)"),
        // What is counted of subjects that are kept no more. Those without a measure are such subjects, until their facts are
        // gone: see `Settled`.
        Table(
            name: "settled",
            columns: """
                rule Int64, measure Int64, dimension Int64, group_id Int64, quarter Int64, gap Int64, batch Int64,
                high Int64, low Int64, count Int64
                """,
            engine: """
                ReplacingMergeTree
                ORDER BY (rule, measure, dimension, group_id, quarter, gap, batch, high, low)
                """),
        // Answers to requests, by the process that noted them, so far. Under rule 0 and outcome 0 stand all of the site.
        Table(
            name: "answer",
            columns: """
                site Int64, rule Int64, quarter Int64, outcome Int64, door Int64, status Int64, reason String,
                instance Int64, count Int64
                """,
            engine: """
                ReplacingMergeTree(count)
                ORDER BY (site, rule, quarter, outcome, door, status, reason, instance)
                """),
        // What is declared, hidden or under way, each as JSON. The latest version of a key holds.
        Table(
            name: "setting",
            columns: "kind String, key String, value String, is_removed UInt8, version Int64",
            engine: "ReplacingMergeTree(version) ORDER BY (kind, key)"),
        // Subjects that are to be erased, and those of them that are, of each journal.
        Table(
            name: "erasure", columns: "journal Int64, mark UInt8, high Int64, low Int64",
            engine: "ReplacingMergeTree ORDER BY (journal, mark, high, low)"),
    ]

    /// Rows of these tables name subjects.
    static let tablesOfSubjects = ["fact", "settled", "erasure"]

    /// A row that means nothing. Of many there is one, in time.
    static func rowOfNobody(in table: String) -> RowBinary {
        var row = RowBinary()
        switch table {
        case "fact": row.append(0, 0, 0, 0, 0, 0, 0, 0, 0)
        case "settled": row.append(0, Settled.nothing, 0, 0, 0, 0, 0, 0, 0, 0)
        default: row.append(ErasureMark.nothing, Subject(0), ofJournal: 0)
        }
        return row
    }

    /// Creates what is missing.
    ///
    /// - Parameter seconds: for how long parts that were replaced stay; nil for ClickHouse's own time. It does not sync what it
    ///   writes unless told to, and cannot be told before version 20.10: where the power fails, those parts are what is left.
    static func create(on server: ClickHouseServer, keepingReplacedParts seconds: Int?) async throws(StorageError) {
        // ClickHouse's own, so that there is one to begin with.
        var settings = ["index_granularity = 8192"]
        if let seconds { settings.append("old_parts_lifetime = \(seconds)") }
        if try await server.canSync() {
            settings += ["fsync_after_insert = 1", "fsync_part_directory = 1", "min_rows_to_fsync_after_merge = 1"]
        }
        for table in tables {
            try await server.run(
                """
                CREATE TABLE IF NOT EXISTS \(table.name) (\(table.columns)) ENGINE = \(table.engine)
                SETTINGS \(settings.joined(separator: ", "))
                """)
        }
    }
}

extension ClickHouseServer {
    /// Whether it knows how to sync what is inserted and merged.
    fileprivate func canSync() async throws(StorageError) -> Bool {
        var rows = try await rows(
            "SELECT toInt64(count()) FROM system.merge_tree_settings WHERE name = 'fsync_after_insert'")
        return try rows.integer() > 0
    }
}
