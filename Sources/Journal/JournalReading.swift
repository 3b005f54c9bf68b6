import FoundationEssentials
import GRDB
import SQLiteSupport

extension Journal {
    /// The commits that follow `position`, in order, each verified against the one before it. Empty at the end.
    ///
    /// Stops after `rowsMax` rows, or with the row that brings the batches to `bytesMax`; at least one row comes where
    /// there is one. Throws `.broken` at the first row that does not follow from its predecessor, which is also what a
    /// position of another journal leads to.
    public func rows(
        after position: JournalPosition, rowsMax: Int = 4096, bytesMax: Int = 8 * 1024 * 1024
    ) throws(JournalError) -> [JournalRow] {
        try read { database in
            var rows: [JournalRow] = []
            var bytes = 0
            var last = position
            let cursor = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT sequence, checksum, record_count, committed_ms, seal, batch FROM commits
                        WHERE sequence > ? ORDER BY sequence
                        """), arguments: [position.sequence])
            while rows.count < rowsMax, bytes < bytesMax, let row = try cursor.next() {
                let next = try verified(row, after: last)
                last = next.position
                bytes += next.batch.count
                rows.append(next)
            }
            return rows
        }
    }

    /// Reads every commit after `position` and returns how many there are; throws `.broken` at the first bad one.
    @discardableResult
    public func verify(after position: JournalPosition) throws(JournalError) -> Int {
        try total(after: position).commits
    }

    /// Reads every commit after `position`, as `verify(after:)` does, and returns how many commits and records there are.
    public func total(after position: JournalPosition) throws(JournalError) -> (commits: Int, records: Int) {
        var total = (commits: 0, records: 0)
        var last = position
        while true {
            let rows = try rows(after: last)
            guard let end = rows.last else { return total }
            total.commits += rows.count
            total.records = rows.reduce(total.records) { $0 &+ $1.recordCount }
            last = end.position
        }
    }

    /// The place after the commit of this number; nil when the journal holds none such, and it is not the start's.
    public func position(at sequence: Int64) throws(JournalError) -> JournalPosition? {
        let start = start
        if sequence == start.sequence { return start }
        return try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT sequence, checksum FROM commits WHERE sequence = ?")
            guard let row = try Row.fetchOne(statement, arguments: [sequence]) else { return nil }
            return try position(of: row)
        }
    }

    /// The latest place after which at least `count` records follow; the start when there are fewer in all.
    public func position(beforeLast count: Int) throws(JournalError) -> JournalPosition {
        try read { database in
            let cursor = try Row.fetchCursor(
                database, sql: "SELECT sequence, checksum, record_count FROM commits ORDER BY sequence DESC")
            var remaining = Int64(count)
            while let row = try cursor.next() {
                let position = try position(of: row)
                if remaining <= 0 { return position }
                remaining -= max(1, (try? row.integer(2)) ?? 1)
            }
            return start
        }
    }

    /// When the last commits were made; nil where there is none.
    public func commitTimes() throws(JournalError) -> CommitTimes? {
        let start = start
        return try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT sequence, committed_ms FROM commits WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1")
            func commit(through sequence: Int64) throws -> (sequence: Int64, milliseconds: Int64)? {
                let row = try Row.fetchOne(statement, arguments: [sequence])
                return try row.map { (try $0.integer(0), try $0.integer(1)) }
            }
            guard var first = try commit(through: .max) else { return nil }
            let last = first.milliseconds
            // Halves what is between a commit of the last day and one from before it, until they are neighbours. A clock may
            // have gone back, but any such two will do. No row was verified, so a time may be any number.
            var earlier: Int64?
            var reach = start.sequence
            while reach < first.sequence - 1 {
                // Nothing else may need that row. Where it cannot be read, a pause is the safe thing to believe.
                guard let middle = try? commit(through: reach + (first.sequence - reach) / 2), middle.sequence > reach
                else {
                    return CommitTimes(lastMilliseconds: last, pauseEndedMilliseconds: last)
                }
                if last &- middle.milliseconds < CommitTimes.pauseMilliseconds {
                    first = middle
                } else {
                    earlier = middle.milliseconds
                    reach = middle.sequence
                }
            }
            let isPause =
                earlier.map { first.milliseconds &- $0 > CommitTimes.pauseMilliseconds } ?? (start.sequence == 0)
            return CommitTimes(
                lastMilliseconds: last, pauseEndedMilliseconds: isPause ? first.milliseconds : nil)
        }
    }

    /// Only what is durable can be seen here: SQLite shows a commit to other connections after its sync.
    private func read<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do {
            return try reader.read(body)
        } catch {
            throw JournalError(error, file: path)
        }
    }

    private func verified(_ row: Row, after last: JournalPosition) throws(JournalError) -> JournalRow {
        let found = try position(of: row)
        let expected = last.sequence + 1
        guard found.sequence == expected else {
            throw .broken(file: path, sequence: expected, reason: "it is missing")
        }
        guard let recordCount = try? row.integer(2), let committed = try? row.integer(3),
            let seal = (try? row.blob(4)).flatMap({ BatchSeal($0) }), let batch = try? row.blob(5)
        else {
            throw .broken(file: path, sequence: expected, reason: "its columns are of the wrong type")
        }
        let following = seal.digest(of: batch).map {
            last.following(committedMilliseconds: committed, recordCount: Int(recordCount), digest: $0)
        }
        guard let following, following == found else {
            throw .broken(file: path, sequence: expected, reason: "its checksum does not follow from the commit before")
        }
        return JournalRow(
            position: found, recordCount: Int(recordCount), committedMilliseconds: committed, batch: [UInt8](batch))
    }

    /// Reads the columns `sequence` and `checksum`, which come first wherever rows are read.
    private func position(of row: Row) throws(JournalError) -> JournalPosition {
        guard let position = row.position else {
            throw .broken(file: path, sequence: try? row.integer(0), reason: "its checksum is unreadable")
        }
        return position
    }
}

/// When a journal's last commits were made, in milliseconds since 1970, UTC, by the clock that was believed then.
public struct CommitTimes: Sendable, Equatable {
    /// More than so much between two commits in a row is a pause: nobody came for so long, or the clock was set.
    static let pauseMilliseconds: Int64 = 24 * 60 * 60 * 1000

    public let lastMilliseconds: Int64
    /// Where the last day of commits began with one after a pause, or the first of all, when that was; nil where there were
    /// commits all the time.
    public let pauseEndedMilliseconds: Int64?
}

extension Row {
    /// A row's place in the journal, from its first two columns, `sequence` and `checksum`; nil where these are damaged.
    var position: JournalPosition? {
        guard let sequence = try? integer(0), let checksum = try? number128(1) else { return nil }
        return JournalPosition(sequence: sequence, checksum: checksum)
    }
}
