import Foundation
import GRDB
import TestSupport
import Testing

@testable import Journal

@Suite("Damage to the journal's log")
struct LogDamageTests {
    private static let headerBytes = 32
    private static let frameBytes = 24 + 4096
    private let directory: TemporaryDirectory
    private let image: TemporaryDirectory

    /// What a crash after twenty commits leaves.
    init() throws {
        directory = try TemporaryDirectory()
        let journal = try Journal(path: directory.journal)
        for number in UInt8(1)...20 { try journal.append(batch: [number, 0x55, 0xAA], recordCount: 1) }
        image = try directory.crashImage()
    }

    @Test("a bit that flips in an early commit is found: SQLite would drop all that follow", arguments: [10, 13, 30])
    func flippedBit(frame: Int) throws {
        try editLog { $0[Self.headerBytes + frame * Self.frameBytes + 24 + 2000] ^= 0x10 }
        let error = #expect(throws: JournalError.self) { try Journal(path: image.journal) }
        #expect(try #require(error).description.contains("is damaged before the last commit"))
    }

    @Test("a bit that flips in the header of an early frame is found", arguments: [0, 4, 8, 16, 23])
    func flippedHeaderBit(byte: Int) throws {
        try editLog { $0[Self.headerBytes + 12 * Self.frameBytes + byte] ^= 0x10 }
        #expect(throws: JournalError.self) { try Journal(path: image.journal) }
    }

    @Test(
        "a bit that flips in the header of the frame before the last commit is found, too",
        arguments: [0, 8, 12, 16, 23])
    func flippedHeaderBitBeforeLastCommit(byte: Int) throws {
        try editLog { log in
            let frames = (log.count - Self.headerBytes) / Self.frameBytes
            let first = try #require(lastCommitFirstFrame(log, frames: frames))
            log[range(ofFrame: first - 1).lowerBound + byte] ^= 0x10
        }
        #expect(throws: JournalError.self) { try Journal(path: image.journal) }
    }

    @Test("a torn end is what a crash leaves: the commits before it are all there")
    func tornEnd() throws {
        try editLog { $0 = $0.dropLast(Self.frameBytes / 2) }
        let journal = try Journal(path: image.journal)
        #expect(journal.lastPosition.sequence == 19)
        #expect(try journal.verify(after: journal.start) == 19)
        #expect(try journal.append(batch: [1], recordCount: 1).sequence == 20)
    }

    @Test("a last commit whose pages reached the disk in another order is a crash, too")
    func tornMiddle() throws {
        // The last commit's first frame is lost, its last one, which marks the commit, is there.
        try editLog { log in
            let frames = (log.count - Self.headerBytes) / Self.frameBytes
            let first = try #require(lastCommitFirstFrame(log, frames: frames))
            log.replaceSubrange(range(ofFrame: first), with: Data(count: Self.frameBytes))
        }
        let journal = try Journal(path: image.journal)
        #expect(journal.lastPosition.sequence == 19)
    }

    @Test("what an earlier round of the log left behind its end is no damage")
    func earlierRound() throws {
        let journal = try Journal(path: directory.journal)
        try journal.append(batch: [UInt8](repeating: 1, count: 5 * 1024 * 1024), recordCount: 1)
        for number in UInt8(1)...20 { try journal.append(batch: [number], recordCount: 1) }
        let image = try directory.crashImage()
        let recovered = try Journal(path: image.journal)
        #expect(recovered.lastPosition == journal.lastPosition)
        #expect(try recovered.verify(after: recovered.start) == 41)
    }

    /// What SQLite writes over the header where a log starts over, or begins anew behind one without a commit.
    private static let newHeader: [UInt8] = [
        0, 0, 0, 1, 0x7E, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 1, 2, 3, 4, 5, 6, 7, 8,
    ]

    /// As far as the write came.
    private static func writeNewHeader(over image: TemporaryDirectory, bytes count: Int) throws {
        try editFile(image.journal + "-wal") { $0.replaceSubrange(12..<12 + count, with: newHeader.prefix(count)) }
    }

    @Test(
        "a header that was being written anew when all of the log was in the file has cost nothing", arguments: 1...19)
    func startingOver(count: Int) throws {
        let journal = try Journal(path: directory.journal)
        for number in UInt8(21)...25 { try journal.append(batch: [number], recordCount: 1) }
        let before = try directory.crashImage()
        let copier = try DatabaseQueue(path: directory.journal)
        try copier.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
        let copied = try directory.crashImage()
        try Self.writeNewHeader(over: copied, bytes: count)
        let recovered = try Journal(path: copied.journal)
        #expect(recovered.lastPosition == journal.lastPosition)
        #expect(try recovered.verify(after: recovered.start) == 25)
        // Where it was not copied, all of it would be gone.
        try Self.writeNewHeader(over: before, bytes: count)
        guard (4...12).contains(count) else { return }
        #expect(throws: JournalError.self) { try Journal(path: before.journal) }
    }

    @Test("a header that was being written anew over a log without a whole commit has cost nothing", arguments: 1...19)
    func beginningAnew(count: Int) throws {
        // A journal that was closed, and the first commit's first frame.
        let closed = try TemporaryDirectory()
        let journal = try Journal(path: closed.journal)
        try journal.append(batch: [1], recordCount: 1)
        try journal.close()
        let again = try Journal(path: closed.journal)
        try again.append(batch: [2], recordCount: 1)
        let torn = try closed.crashImage()
        try editFile(torn.journal + "-wal") { $0 = $0.prefix(Self.headerBytes + Self.frameBytes + 22) }
        try Self.writeNewHeader(over: torn, bytes: count)
        let recovered = try Journal(path: torn.journal)
        #expect(recovered.lastPosition.sequence == 1)
    }

    @Test("a log whose journal is missing is not played into a new one")
    func logWithoutJournal() throws {
        try FileManager.default.removeItem(atPath: image.journal)
        let error = #expect(throws: JournalError.self) { try Journal(path: image.journal) }
        #expect(try #require(error).description.contains("is missing"))
        #expect(!FileManager.default.fileExists(atPath: image.journal))
    }

    private func editLog(_ edit: (inout Data) throws -> Void) throws {
        try editFile(image.journal + "-wal", edit)
    }

    private func range(ofFrame frame: Int) -> Range<Int> {
        let start = Self.headerBytes + frame * Self.frameBytes
        return start..<start + Self.frameBytes
    }

    /// The frame after the last but one that marks a commit, by bytes 4 to 7 of its header.
    private func lastCommitFirstFrame(_ log: Data, frames: Int) -> Int? {
        let commits = (0..<frames).filter { frame in
            let start = range(ofFrame: frame).lowerBound
            return log[start + 4..<start + 8].contains { $0 != 0 }
        }
        guard commits.count > 1, commits.last == frames - 1, commits[commits.count - 2] < frames - 2 else { return nil }
        return commits[commits.count - 2] + 1
    }
}
