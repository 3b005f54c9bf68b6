import Foundation
import GRDB

extension Journal {
    /// Lets `erase` change batches, and overwrites what they held; returns how many changed. Positions stay as they are.
    ///
    /// Commits that are made meanwhile may be passed over: call it when those that matter are made. When it returns, what
    /// was erased is in neither of the journal's files.
    ///
    /// - Parameter erase: returns what is left of a batch, as many bytes and records as before; nil to leave it.
    @discardableResult
    public func erase(_ erase: (JournalRow) throws -> [UInt8]?) throws -> Int {
        var count = 0
        var last = start
        while case let rows = try rows(after: last), let end = rows.last {
            let changed = try rows.compactMap { row in try erase(row).map { (row.position, $0) } }
            if !changed.isEmpty {
                try change { database in
                    for (position, batch) in changed { try Self.replaceBatch(at: position, with: batch, in: database) }
                }
            }
            count += changed.count
            last = end.position
        }
        if count > 0 { try emptyLog() }
        return count
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
}
