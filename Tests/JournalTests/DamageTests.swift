import Foundation
import GRDB
import Testing
import TestSupport

@testable import Journal

@Suite("Damage to what the journal holds")
struct DamageTests {
    private let directory: TemporaryDirectory

    /// Twenty commits, the files closed, so that all of it stands in the journal's own file.
    init() throws {
        directory = try TemporaryDirectory()
        let journal = try Journal(path: directory.journal)
        for number in 1...20 {
            try journal.append(batch: Array("batch number \(number).".utf8), recordCount: 1)
        }
    }

    @Test("a byte flipped in a stored batch is found, with the number of its commit")
    func flippedByte() throws {
        try editFile(directory.journal) { data in
            let batch = try #require(data.range(of: Data("batch number 7.".utf8)))
            data[batch.lowerBound] ^= 1
        }
        let journal = try Journal(path: directory.journal)
        #expect(brokenSequence { try journal.verify(after: journal.start) } == 7)
        #expect(try journal.rows(after: journal.start, rowsMax: 6).count == 6)
    }

    @Test(
        "a changed, missing or forged commit is found",
        arguments: [
            ("UPDATE commits SET record_count = 2 WHERE sequence = 5", Int64(5)),
            ("UPDATE commits SET checksum = zeroblob(16) WHERE sequence = 5", 5),
            ("UPDATE commits SET checksum = zeroblob(3) WHERE sequence = 5", 5),
            ("DELETE FROM commits WHERE sequence = 5", 5),
            ("UPDATE commits SET batch = (SELECT batch FROM commits WHERE sequence = 6) WHERE sequence = 5", 5),
            ("UPDATE commits SET sequence = 100 WHERE sequence = 20", 20),
        ])
    func changedRow(sql: String, sequence: Int64) throws {
        let raw = try RawDatabase(path: directory.journal)
        try raw.execute(sql)
        try raw.execute("UPDATE sqlite_sequence SET seq = (SELECT max(sequence) FROM commits)")
        let journal = try Journal(path: directory.journal)
        #expect(brokenSequence { try journal.verify(after: journal.start) } == sequence)
    }

    @Test("rows that vanished from the end are missed when the journal is opened")
    func missingEnd() throws {
        try RawDatabase(path: directory.journal).execute("DELETE FROM commits WHERE sequence > 17")
        #expect(brokenSequence { _ = try Journal(path: directory.journal) } == 20)
    }

    @Test("all rows gone are missed too")
    func missingAll() throws {
        try RawDatabase(path: directory.journal).execute("DELETE FROM commits")
        #expect(brokenSequence { _ = try Journal(path: directory.journal) } == 20)
    }

    @Test("a file cut short is refused, with its name and what to do")
    func truncatedFile() throws {
        try editFile(directory.journal) { $0 = $0.prefix(4096 + 100) }
        let error = #expect(throws: JournalError.self) {
            let journal = try Journal(path: directory.journal)
            try journal.verify(after: journal.start)
        }
        let description = try #require(error).description
        #expect(description.hasPrefix(directory.journal))
        #expect(description.contains("restore the data directory from a backup"))
    }

    private func brokenSequence(_ body: () throws -> Void) -> Int64? {
        do {
            try body()
            return nil
        } catch JournalError.broken(_, let sequence, _) {
            return sequence
        } catch {
            return nil
        }
    }
}
