import Foundation
import GRDB
import Testing
import TestSupport

@testable import Journal

@Suite("Opening a journal that cannot serve")
struct OpeningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("a file that is no database is refused and left as it is")
    func notADatabase() throws {
        let text = Data(String(repeating: "This is no database. ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: directory.journal))
        #expect(try refusal().contains("this is no journal. If it was one, it is damaged"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.journal)) == text)
    }

    @Test(
        "another application's database is refused and left as it is",
        arguments: ["CREATE TABLE theirs (a)", "PRAGMA application_id = 42; CREATE TABLE theirs (a)"])
    func foreignDatabase(sql: String) throws {
        try RawDatabase(path: directory.journal).execute(sql)
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.journal))
        #expect(try refusal().contains("another application's SQLite file"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.journal)) == before)
    }

    @Test("SQLite writes nothing outside of the journal's files, whatever it sorts")
    func noTemporaryFiles() throws {
        let journal = try OpenedJournal(path: directory.journal, pagesMax: nil)
        for connection in [journal.writer, journal.reader] {
            // 2 is MEMORY.
            #expect(try connection.read { try Int.fetchOne($0, sql: "PRAGMA temp_store") } == 2)
        }
    }

    @Test("a newer format is refused, with what to run instead")
    func newerFormat() throws {
        _ = try Journal(path: directory.journal)
        try RawDatabase(path: directory.journal).execute("UPDATE identity SET format = 3")
        #expect(try refusal().contains("format is 3 and this version reads 2; run the version that wrote it"))
    }

    @Test("a journal without its identity is refused")
    func noIdentity() throws {
        _ = try Journal(path: directory.journal)
        try RawDatabase(path: directory.journal).execute("DELETE FROM identity")
        #expect(try refusal().contains("identity is missing"))
    }

    @Test("an empty file is taken for a journal whose making was cut short")
    func emptyFile() throws {
        try Data().write(to: URL(fileURLWithPath: directory.journal))
        let journal = try Journal(path: directory.journal)
        #expect(try journal.append(batch: [1], recordCount: 1).sequence == 1)
    }

    @Test(
        "a path where no file can be opened for writing is refused, with its name",
        arguments: ["/nowhere/journal.sqlite", "/dev/null/journal.sqlite", "/sys/kernel/journal.sqlite", "/tmp"])
    func impossiblePath(path: String) throws {
        let error = #expect(throws: JournalError.self) { try Journal(path: path) }
        guard case .unusable(path, _) = error else { throw try #require(error) }
    }

    @Test("a file that may only be read is refused")
    func readOnlyFile() throws {
        // A file of the kernel's, because the modes of ordinary files do not hold for the superuser.
        let path = "/sys/kernel/uevent_seqnum"
        try #require(FileManager.default.fileExists(atPath: path))
        let error = #expect(throws: JournalError.self) { try Journal(path: path) }
        #expect(try #require(error).description.contains("cannot be opened for reading and writing"))
    }

    /// The description of the error, which must be one line that begins with the file.
    private func refusal() throws -> String {
        let error = #expect(throws: JournalError.self) { try Journal(path: directory.journal) }
        let description = try #require(error).description
        #expect(description.hasPrefix("\(directory.journal): "))
        #expect(!description.contains("\n"))
        return description
    }
}
