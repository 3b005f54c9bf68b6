import GRDB
import Glibc
import SQLiteSupport

/// What a journal holds, as can be seen while an aggregator uses it. Nothing of it is verified.
public struct JournalExtent: Sendable {
    /// The numbers of the commits that are there: those behind the first and up to the last.
    public let start: Int64
    public let last: Int64
    /// When the oldest of them was made: milliseconds since 1970, UTC; nil where there is none.
    public let firstMilliseconds: Int64?

    public init(path: String) throws(JournalError) {
        var status = stat()
        // Of a file without a page SQLite would delete the log.
        guard stat(path, &status) == 0, status.st_size >= 100 else {
            throw .unusable(path: path, reason: "there is no journal; restore it and the store from one backup")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(1)
            (start, last, firstMilliseconds) = try DatabaseQueue(path: path, configuration: configuration).read {
                database in
                let (_, start) = try JournalSchema.identity(in: database, file: path)
                let last = try JournalSchema.last(in: database, after: start, file: path)
                let first = try Int64.fetchOne(
                    database, sql: "SELECT committed_ms FROM commits ORDER BY sequence LIMIT 1")
                return (start.sequence, last.sequence, first)
            }
        } catch {
            throw JournalError(error, file: path)
        }
    }
}
