import Foundation
import GRDB
import Storage

/// The one row that says how far the store has counted.
enum PositionTable {
    static func position(in database: Database) throws -> FoldPosition? {
        let row = try Row.fetchOne(database, sql: "SELECT journal_id, sequence, checksum FROM fold_position")
        return try row.map {
            FoldPosition(journalID: try $0.number128(0), sequence: try $0.integer(1), checksum: try $0.number128(2))
        }
    }

    static func set(_ position: FoldPosition, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO fold_position (id, journal_id, sequence, checksum) VALUES (0, ?, ?, ?)",
            arguments: [bytes(position.journalID), position.sequence, bytes(position.checksum)])
    }

    /// The first byte is the highest.
    private static func bytes(_ value: UInt128) -> Data {
        withUnsafeBytes(of: value.bigEndian) { Data($0) }
    }
}
