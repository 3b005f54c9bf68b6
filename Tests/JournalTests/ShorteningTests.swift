import Foundation
import Testing
import TestSupport

@testable import Journal

@Suite("Shortening the journal")
struct ShorteningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Commits 1 to `times.count`, made at these times.
    private func journal(_ times: [Int64]) throws -> Journal {
        let journal = try Journal(path: directory.journal)
        for (index, time) in times.enumerated() {
            try journal.append(batch: [UInt8(index + 1)], recordCount: 1, nowMilliseconds: time)
        }
        return journal
    }

    @Test("what was committed before the time goes, and what follows reads and verifies as before")
    func old() throws {
        let journal = try journal([10, 20, 30, 40])
        #expect(try journal.shorten(through: journal.lastPosition, committedBefore: 30) == 2)
        #expect(journal.start.sequence == 2)
        #expect(try journal.rows(after: journal.start).map(\.batch) == [[3], [4]])
        let again = try Journal(path: directory.journal)
        #expect(again.start == journal.start)
        #expect(again.lastPosition == journal.lastPosition)
        #expect(try again.verify(after: again.start) == 2)
        #expect(try again.position(at: 1) == nil)
        #expect(try again.position(at: 2) == again.start)
        #expect(try again.append(batch: [5], recordCount: 1).sequence == 5)
    }

    @Test("what lies behind the given place stays, however old")
    func needed() throws {
        let journal = try journal([10, 20, 30, 40])
        let second = try #require(try journal.position(at: 2))
        #expect(try journal.shorten(through: second, committedBefore: 1000) == 2)
        #expect(try journal.shorten(through: second, committedBefore: 1000) == 0)
        #expect(try journal.rows(after: journal.start).count == 2)
    }

    @Test("a commit that a wrong clock made later keeps those behind it")
    func clock() throws {
        let journal = try journal([10, 99, 20, 30])
        #expect(try journal.shorten(through: journal.lastPosition, committedBefore: 50) == 1)
        #expect(try journal.rows(after: journal.start).count == 3)
    }

    @Test("no more go at once than asked for")
    func bounded() throws {
        let journal = try journal(Array(repeating: 10, count: 7))
        let counts = try (0..<4).map { _ in
            try journal.shorten(through: journal.lastPosition, committedBefore: 50, rowsMax: 3)
        }
        #expect(counts == [3, 3, 1, 0])
        #expect(try journal.append(batch: [8], recordCount: 1).sequence == 8)
        #expect(try Journal(path: directory.journal).start.sequence == 7)
    }

    @Test("a missing first commit is noticed after a shortening, too")
    func lost() throws {
        let journal = try journal([10, 20, 30])
        try journal.shorten(through: journal.lastPosition, committedBefore: 15)
        try RawDatabase(path: directory.journal).execute("DELETE FROM commits WHERE sequence = 2")
        #expect(throws: JournalError.self) { try journal.verify(after: journal.start) }
    }

    @Test("much room that commits left is given back a piece at a time, and what stays verifies; a little is kept")
    func room() throws {
        let journal = try large()
        var pieces: [Int] = []
        repeat { pieces.append(try journal.giveBackRoom()) } while pieces.last != 0
        #expect(pieces.count > 10)
        #expect(pieces.max() ?? 0 <= 2 << 20)
        #expect(journal.fileBytes < 20 << 20)
        for journal in [journal, try Journal(path: directory.journal)] {
            #expect(try journal.verify(after: journal.start) == 2)
        }
        #expect(try journal.append(batch: [1], recordCount: 1).sequence == 43)
    }

    @Test("without the room that moving takes, or while somebody reads the log, nothing is moved, and commits go on")
    func noRoom() throws {
        let journal = try large()
        let bytes = journal.fileBytes
        #expect(try journal.giveBackRoom(roomBytesMin: .max) == 0)
        try RawDatabase(path: directory.journal).reading {
            try journal.append(batch: [1], recordCount: 1)
            #expect(try journal.giveBackRoom() == 0)
        }
        #expect(journal.fileBytes == bytes)
        #expect(try journal.giveBackRoom() > 0)
        #expect(try journal.verify(after: journal.start) == 3)
    }

    /// 42 commits of 1 MiB each, of which the last two are still there.
    private func large() throws -> Journal {
        let journal = try Journal(path: directory.journal)
        for number in UInt8(1)...42 {
            let batch = [UInt8](repeating: number, count: 1 << 20)
            try journal.append(batch: batch, recordCount: 1, nowMilliseconds: Int64(number))
        }
        #expect(try journal.shorten(through: journal.lastPosition, committedBefore: 41) == 40)
        #expect(journal.fileBytes > 40 << 20)
        return journal
    }
}
