import FoundationEssentials
import GRDB
import Records
import SQLiteSupport
import Storage

extension SQLiteOutcomeStore {
    /// How long overwriting waits for a report that is being read.
    private static let waitMilliseconds: CInt = 250

    public func noteErasure(of subjects: Set<Subject>) async throws(StorageError) {
        try await writeDurably { try ErasureTable.add(subjects, in: $0) }
    }

    public func unfinishedErasure() async throws(StorageError) -> Set<Subject>? {
        try await read { try ErasureTable.subjects(in: $0) }
    }

    public func forget(_ subjects: [Subject]) async throws(StorageError) -> Int {
        try await write { database in
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
            try ErasureTable.remove(subjects, in: database)
            return count
        }
    }

    public func overwriteForgotten(again: Bool) async throws(StorageError) -> String? {
        let progress = try await writeWithoutTransaction { database in
            var space = UnusedSpace(waitMilliseconds: Self.waitMilliseconds, writesAgain: again)
            return try space.overwrite(in: database, pagesMax: .max)
        }
        if case .held = progress { return FileHolder.description(of: path) }
        return nil
    }

    public func finishErasure() async throws(StorageError) {
        try await write { try ErasureTable.clear(in: $0) }
    }

    public func expire(
        lastSeenBefore cutoffs: [DimensionName: Int64], otherwise: Int64, from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (erased: Int, next: ExpiryPlace?) {
        try await write { database in
            var sweep = ExpirySweep(cutoffs: cutoffs, otherwise: otherwise, in: database)
            return try sweep.run(from: place, rowsMax: rowsMax)
        }
    }

    public func giveBackRoom() async throws(StorageError) -> Int {
        try await writeWithoutTransaction { [path] in try SparePages.giveBack(in: $0, path: path) }
    }

    public func note(_ epoch: SubjectEpoch, fromMilliseconds: Int64) async throws(StorageError) {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO epoch (id, first_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [epoch.value.bigEndianBytes, fromMilliseconds])
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

/// The subjects that are being erased, so that a death midway does not leave the rest of them; and, once their rows are
/// gone, that the files are still to be overwritten. No row stands for no erasure.
///
/// It goes by `IF NOT EXISTS`, so that a store of before needs no other format: an earlier version passes it over.
enum ErasureTable {
    /// Stands for the erasure itself, and goes last.
    private static let mark = Data()

    static func createIfMissing(in database: Database) throws {
        try database.execute(
            sql: "CREATE TABLE IF NOT EXISTS erasure (subject BLOB PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID")
    }

    static func add(_ subjects: Set<Subject>, in database: Database) throws {
        let insertion = try database.cachedStatement(
            sql: "INSERT INTO erasure (subject) VALUES (?) ON CONFLICT DO NOTHING")
        for bytes in [mark] + subjects.map(\.value.bigEndianBytes) { try insertion.execute(arguments: [bytes]) }
    }

    /// Nil while there is no erasure.
    static func subjects(in database: Database) throws -> Set<Subject>? {
        let rows = try Row.fetchAll(database, sql: "SELECT subject FROM erasure")
        guard !rows.isEmpty else { return nil }
        return try Set(rows.filter { try !$0.blob(0).isEmpty }.map { Subject(try $0.number128(0)) })
    }

    static func remove(_ subjects: [Subject], in database: Database) throws {
        let deletion = try database.cachedStatement(sql: "DELETE FROM erasure WHERE subject = ?")
        for subject in subjects { try deletion.execute(arguments: [subject.value.bigEndianBytes]) }
    }

    static func clear(in database: Database) throws {
        try database.execute(sql: "DELETE FROM erasure")
    }
}
