import Foundation
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
        guard let old = row?.blob(1), let seal = row?.blob(0).flatMap({ BatchSeal($0) }),
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
        var space = UnusedSpace(waitMilliseconds: 0, writesAgain: again)
        while true {
            switch try write({ try space.overwrite(in: $0, pagesMax: Self.pagesAtOnce) }) {
            case .more: continue
            case .done: return nil
            case .held: return FileHolder.description(of: path)
            }
        }
    }
}
