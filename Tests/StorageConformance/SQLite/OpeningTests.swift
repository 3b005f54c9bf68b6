import Foundation
import GRDB
import SQLiteStorage
import Storage
import Testing
import TestSupport

@Suite("Opening a store that cannot serve")
struct OpeningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("a file that is no database is refused and left as it is")
    func notADatabase() throws {
        let text = Data(String(repeating: "This is no database. ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: directory.store))
        #expect(try refusal().contains("this is no store. If it was one, it is damaged"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.store)) == text)
    }

    @Test(
        "another application's database is refused and left as it is",
        arguments: ["CREATE TABLE theirs (a)", "PRAGMA application_id = 42; CREATE TABLE theirs (a)"])
    func foreignDatabase(sql: String) throws {
        try edit(sql)
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.store))
        #expect(try refusal().contains("another application's SQLite file"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.store)) == before)
    }

    @Test("a newer format is refused, with what to run instead")
    func newerFormat() throws {
        _ = try SQLiteOutcomeStore(path: directory.store)
        try edit("PRAGMA user_version = 4")
        #expect(try refusal().contains("format is 4 and this version reads 3; run the version that wrote it"))
    }

    @Test("an older format is refused, with what to do")
    func olderFormat() throws {
        _ = try SQLiteOutcomeStore(path: directory.store)
        try edit("PRAGMA user_version = 2")
        #expect(try refusal().contains("run `rule-outcomes recount`"))
    }

    @Test("a log whose store is missing is not played into a new one")
    func logWithoutStore() throws {
        try Data("log".utf8).write(to: URL(fileURLWithPath: directory.store + "-wal"))
        #expect(try refusal().contains("is missing, yet"))
        #expect(!FileManager.default.fileExists(atPath: directory.store))
    }

    @Test("values of the wrong type are damage, not the end of the process")
    func damagedValues() async throws {
        _ = try SQLiteOutcomeStore(path: directory.store)
        try edit("INSERT INTO fold_position VALUES (0, x'00', 1, x'00')")
        let store = try SQLiteOutcomeStore(path: directory.store)
        let error = await #expect(throws: StorageError.self) { try await store.position() }
        #expect(try #require(error).description.contains("run `rule-outcomes recount`"))
    }

    @Test("a file cut short is refused as damaged")
    func truncatedFile() async throws {
        do {
            let store = try SQLiteOutcomeStore(path: directory.store)
            let records = (0..<5000).map { Fixture.record($0) }
            try await store.fold(records, advancingTo: Fixture.position(1))
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.store))
        try handle.truncate(atOffset: 2 * 4096 + 100)
        try handle.close()
        let error = await #expect(throws: StorageError.self) {
            let store = try SQLiteOutcomeStore(path: directory.store)
            try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(2))
        }
        guard case .damaged = error else { throw try #require(error) }
    }

    @Test(
        "a path where no file can be opened for writing is refused, with its name",
        arguments: ["/nowhere/store.sqlite", "/dev/null/store.sqlite", "/sys/kernel/store.sqlite", "/tmp"])
    func impossiblePath(path: String) throws {
        let error = #expect(throws: StorageError.self) { try SQLiteOutcomeStore(path: path) }
        guard case .unusable(path, _) = error else { throw try #require(error) }
    }

    private func edit(_ sql: String) throws {
        try DatabaseQueue(path: directory.store).writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    /// The description of the error, which must be one line that begins with the file.
    private func refusal() throws -> String {
        let error = #expect(throws: StorageError.self) { try SQLiteOutcomeStore(path: directory.store) }
        let description = try #require(error).description
        #expect(description.hasPrefix("\(directory.store): "))
        #expect(!description.contains("\n"))
        return description
    }
}
