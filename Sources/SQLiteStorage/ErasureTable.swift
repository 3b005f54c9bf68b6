import Foundation
import GRDB
import Records

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
        for bytes in [mark] + subjects.map(bytes) { try insertion.execute(arguments: [bytes]) }
    }

    /// Nil while there is no erasure.
    static func subjects(in database: Database) throws -> Set<Subject>? {
        let rows = try Row.fetchAll(database, sql: "SELECT subject FROM erasure")
        guard !rows.isEmpty else { return nil }
        return try Set(rows.filter { try !$0.blob(0).isEmpty }.map { Subject(try $0.number128(0)) })
    }

    static func remove(_ subjects: [Subject], in database: Database) throws {
        let deletion = try database.cachedStatement(sql: "DELETE FROM erasure WHERE subject = ?")
        for subject in subjects { try deletion.execute(arguments: [bytes(subject)]) }
    }

    static func clear(in database: Database) throws {
        try database.execute(sql: "DELETE FROM erasure")
    }

    private static func bytes(_ subject: Subject) -> Data {
        withUnsafeBytes(of: subject.value.bigEndian) { Data($0) }
    }
}
