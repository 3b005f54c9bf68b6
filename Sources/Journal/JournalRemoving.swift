import FoundationEssentials
import GRDB
import SQLiteSupport

extension Journal {
    /// For how many pages commits wait at once while room is overwritten: 4 MiB.
    private static let pagesAtOnce = 1024

    /// Lets `erase` change the next batches; returns how many changed, and the place up to which they were looked at:
    /// `end` when all were. Positions stay as they are. What was erased is in the file and its log still, until
    /// `overwriteErased` has been called.
    ///
    /// - Parameters:
    ///   - position: where to begin; commits that are no longer there are passed over.
    ///   - end: the last commit that may change.
    ///   - bytesMax: after how many bytes to stop, which commits wait for.
    ///   - erase: returns what is left of a batch, as many bytes and records as before; nil to leave it.
    public func erase(
        after position: JournalPosition, through end: JournalPosition, bytesMax: Int = 1 << 20,
        _ erase: (JournalRow) throws -> [UInt8]?
    ) throws -> (count: Int, last: JournalPosition) {
        let start = start
        let rows = try rows(after: position.sequence < start.sequence ? start : position, bytesMax: bytesMax)
            .prefix { $0.position.sequence <= end.sequence }
        guard let last = rows.last else { return (0, end) }
        let changed = try rows.compactMap { row in try erase(row).map { (row.position, $0) } }
        if !changed.isEmpty {
            try change { database in
                for (position, batch) in changed { try Self.replaceBatch(at: position, with: batch, in: database) }
            }
        }
        return (changed.count, last.position)
    }

    /// The row was verified when it was read, and nobody else changes it.
    private static func replaceBatch(
        at position: JournalPosition, with batch: [UInt8], in database: Database
    ) throws {
        let row = try Row.fetchOne(
            database, sql: "SELECT seal, batch FROM commits WHERE sequence = ?", arguments: [position.sequence])
        guard let old = try row?.blob(1), let seal = try (row?.blob(0)).flatMap({ BatchSeal($0) }),
            let digest = seal.digest(of: old)
        else { return }
        try database.execute(
            sql: "UPDATE commits SET seal = ?, batch = ? WHERE sequence = ?",
            arguments: [
                Data(BatchSeal.erasing(digest: digest, leaving: batch).bytes), Data(batch), position.sequence,
            ])
    }

    /// Overwrites what was erased wherever the file and its log still hold it. Commits go on meanwhile; the journal must not
    /// be shortened.
    ///
    /// - Parameter again: a try before this one may have ended with a sync that failed, so nothing of it is relied on.
    /// - Returns: nil when nothing of it is left; otherwise who uses the file, for an operator to read. Try again later then.
    public func overwriteErased(again: Bool) throws(JournalError) -> String? {
        // Commits would wait with it, so it never waits for readers.
        var space = UnusedSpace(waitMilliseconds: 0, writesAgain: again, copier: copier)
        while true {
            switch try write({ try space.overwrite(in: $0, pagesMax: Self.pagesAtOnce) }) {
            case .more: continue
            case .done: return nil
            case .held: return FileHolder.description(of: path)
            }
        }
    }

    // MARK: Shortening

    /// Removes the oldest commits that were made before a time, up to a place that the caller needs nothing before, and
    /// returns how many they were. Commits that follow one made later stay with it, whatever a clock said.
    ///
    /// - Parameters:
    ///   - position: the last commit that may go.
    ///   - committedMilliseconds: since 1970, UTC.
    ///   - rowsMax: how many go at once. Commits wait meanwhile, so few are better; call again while there are as many.
    @discardableResult
    public func shorten(
        through position: JournalPosition, committedBefore committedMilliseconds: Int64, rowsMax: Int = 1000
    ) throws(JournalError) -> Int {
        let start = start
        let reach = min(position.sequence, start.sequence + Int64(rowsMax))
        guard let end = try lastBefore(committedMilliseconds, from: start, through: reach) else { return 0 }
        try change(startingAt: end) { database in
            try database.execute(sql: "DELETE FROM commits WHERE sequence <= ?", arguments: [end.sequence])
            try JournalSchema.setStart(end, in: database)
        }
        return Int(end.sequence - start.sequence)
    }

    private func lastBefore(
        _ committedMilliseconds: Int64, from start: JournalPosition, through sequence: Int64
    ) throws(JournalError) -> JournalPosition? {
        let stays: Int64
        do {
            stays =
                try reader.read { database in
                    try Int64.fetchOne(
                        database,
                        sql: """
                            SELECT min(sequence) FROM commits
                            WHERE sequence > ? AND sequence <= ? AND committed_ms >= ?
                            """, arguments: [start.sequence, sequence, committedMilliseconds])
                } ?? sequence + 1
        } catch {
            throw JournalError(error, file: path)
        }
        return stays - 1 > start.sequence ? try self.position(at: stays - 1) : nil
    }

    /// Gives some of the room that removed commits left in the file back to the disk, if there is much; call again until
    /// it returns 0, then not again at once. Commits wait for each call. It does nothing while the file is being read, and
    /// where the disk has not the room for moving pages.
    ///
    /// - Returns: how many bytes smaller the file is.
    public func giveBackRoom(roomBytesMin: UInt64 = SparePages.roomBytesMin) throws(JournalError) -> Int {
        try write { try SparePages.giveBack(in: $0, path: path, copier: copier, roomBytesMin: roomBytesMin) }
    }
}
