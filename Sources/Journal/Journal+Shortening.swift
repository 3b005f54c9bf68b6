import GRDB
import SQLiteSupport

extension Journal {
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
        try write { try SparePages.giveBack(in: $0, path: path, roomBytesMin: roomBytesMin) }
    }
}
