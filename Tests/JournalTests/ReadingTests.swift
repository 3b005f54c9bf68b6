import Foundation
import Testing
import TestSupport

@testable import Journal

@Suite("Reading the journal")
struct ReadingTests {
    private let directory: TemporaryDirectory
    private let journal: Journal

    /// Ten commits; the n-th holds n records and n bytes.
    init() throws {
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal)
        for count in 1...10 {
            try journal.append(batch: Array(repeating: UInt8(count), count: count), recordCount: count)
        }
    }

    @Test("rows come from after a position to the end, in order", arguments: [Int64(0), 1, 9, 10])
    func fromPosition(sequence: Int64) throws {
        let position = try #require(try journal.position(at: sequence))
        let rows = try journal.rows(after: position)
        #expect(rows.map(\.position.sequence) == Array((sequence + 1)..<11))
    }

    @Test("a read stops at its row limit and goes on from where it stopped")
    func rowLimit() throws {
        let first = try journal.rows(after: journal.start, rowsMax: 4)
        #expect(first.map(\.recordCount) == [1, 2, 3, 4])
        let second = try journal.rows(after: try #require(first.last).position, rowsMax: 100)
        #expect(second.map(\.recordCount) == [5, 6, 7, 8, 9, 10])
    }

    @Test("a read stops with the row that reaches its byte limit", arguments: [(1, 1), (2, 2), (6, 3), (7, 4)])
    func byteLimit(bytesMax: Int, rows: Int) throws {
        #expect(try journal.rows(after: journal.start, bytesMax: bytesMax).count == rows)
    }

    @Test("a position is found by its number, and only where there is such a commit")
    func positions() throws {
        #expect(try journal.position(at: 0) == journal.start)
        #expect(try journal.position(at: 10) == journal.lastPosition)
        #expect(try journal.position(at: 11) == nil)
        #expect(try journal.position(at: -1) == nil)
    }

    @Test(
        "the last rows that hold at least so many records",
        arguments: [(0, 10), (1, 9), (10, 9), (11, 8), (19, 8), (20, 7), (54, 1), (55, 0), (1 << 20, 0)])
    func lastRecords(count: Int, expected: Int64) throws {
        #expect(try journal.position(beforeLast: count).sequence == expected)
    }

    @Test("a position of another journal leads to no rows but to an error")
    func foreignPosition() throws {
        let foreign = JournalPosition(sequence: 4, checksum: 1)
        #expect(throws: JournalError.self) { try journal.rows(after: foreign) }
    }

    @Test("verification counts what it read")
    func verification() throws {
        #expect(try journal.verify(after: journal.start) == 10)
        #expect(try journal.verify(after: journal.lastPosition) == 0)
    }

    @Test("a commit made while another connection reads is neither refused nor waits")
    func readingDoesNotBlockAppending() throws {
        try journal.reader.read { database in
            let before = try database.cachedStatement(sql: "SELECT count(*) FROM commits")
            try before.execute()
            try journal.append(batch: [1], recordCount: 1)
        }
        #expect(journal.lastPosition.sequence == 11)
    }
}
