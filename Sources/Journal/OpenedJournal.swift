import FoundationEssentials
import GRDB
import SQLiteSupport

/// A journal's file, opened and set up: its connections and what the file says about itself.
struct OpenedJournal {
    let writer: DatabaseQueue
    let reader: DatabaseQueue
    /// Lasts as long as the writer, which calls it after each commit.
    let copier: LogCopier
    let identity: JournalID
    let start: JournalPosition
    let last: JournalPosition

    init(path: String, pagesMax: Int?, logBounds: LogBounds = .standard) throws {
        writer = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: false))
        (identity, start, last) = try writer.writeWithoutTransaction { database in
            let isNew = try JournalSchema.isMissing(from: database, file: path)
            if isNew { try SparePages.allow(in: database) }
            try Self.makeDurable(database, file: path)
            if let pagesMax { _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pagesMax)") }
            // From here on whatever can be read counts as durable: it is folded, and answered for when it is sent again.
            if isNew { try JournalSchema.create(in: database) } else { try Checkpoint.rewriteLog(of: database) }
            let (identity, start) = try JournalSchema.identity(in: database, file: path)
            return (identity, start, try JournalSchema.last(in: database, after: start, file: path))
        }
        reader = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
        copier = try LogCopier(path: path, bounds: logBounds)
        writer.writeWithoutTransaction { [copier] in Checkpoint.install(on: $0, with: copier) }
    }

    private static func configuration(readonly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.label = readonly ? "journal reader" : "journal writer"
        // Nobody else uses the file, but an operator may look into it with the sqlite3 command.
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { try TemporaryFiles.avoid(in: $0) }
        return configuration
    }

    /// Sets and reads back what "durable" rests on. GRDB would set `synchronous` to NORMAL along with its own WAL mode.
    private static func makeDurable(_ database: Database, file: String) throws {
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // What is deleted or erased is overwritten.
        _ = try Int.fetchOne(database, sql: "PRAGMA secure_delete = ON")
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard mode == "wal", synchronous == 2 else {
            throw JournalError.unusable(
                path: file,
                reason: "SQLite refuses WAL mode with synchronous = FULL here; use a local disk with shared memory maps"
            )
        }
        Checkpoint.install(on: database)
    }
}
