import Foundation
import GRDB
import Records
import Storage

extension SQLiteOutcomeStore {
    public func forget(_ subjects: Set<Subject>) async throws(StorageError) -> Int {
        let count = try await write { database in
            let rules = try Int64.fetchAll(database, sql: "SELECT rule_id FROM rule_total")
            let deletion = try database.cachedStatement(
                sql: "DELETE FROM subject WHERE rule_id = ? AND subject_high = ? AND subject_low = ?")
            var count = 0
            for subject in subjects {
                for rule in rules {
                    try deletion.execute(arguments: [rule, subject.high, subject.low])
                    count += database.changesCount
                }
            }
            return count
        }
        try await writeAnew()
        return count
    }

    /// Writes the whole file anew and empties SQLite's log. What is deleted is overwritten, but where rows were moved from
    /// one page to another before, their bytes may be left in the room between rows.
    private func writeAnew() async throws(StorageError) {
        do {
            let isBusy = try await pool.writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM")
                return try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?.integer(0) != 0
            }
            if isBusy { throw StorageError.locked(store: path) }
        } catch {
            throw StorageError(error, store: path)
        }
    }

    public func expire(
        lastSeenBefore cutoffs: [DimensionName: Int64], otherwise: Int64, from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (erased: Int, next: ExpiryPlace?) {
        try await write { database in
            var sweep = ExpirySweep(cutoffs: cutoffs, otherwise: otherwise, in: database)
            return try sweep.run(from: place, rowsMax: rowsMax)
        }
    }

    public func note(_ epoch: SubjectEpoch, fromMilliseconds: Int64) async throws(StorageError) {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO epoch (id, first_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [withUnsafeBytes(of: epoch.value.bigEndian) { Data($0) }, fromMilliseconds])
        }
    }

    public func subjectEpochs() async throws(StorageError) -> [SubjectEpoch] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT id FROM epoch ORDER BY first_ms").map {
                SubjectEpoch(try $0.number128(0))
            }
        }
    }

    public func epochs() async throws(StorageError) -> [Int64] {
        try await read { try Int64.fetchAll($0, sql: "SELECT first_ms FROM epoch ORDER BY first_ms") }
    }
}
