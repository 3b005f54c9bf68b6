import Foundation
import GRDB
import Testing
import TestSupport

@testable import Journal
@testable import SQLiteSupport

@Suite("Appending to the journal")
struct AppendingTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("commits are numbered from 1 and read back as they were appended")
    func roundTrip() throws {
        let journal = try Journal(path: directory.journal)
        let batches: [[UInt8]] = [[1, 2, 3], [0], Array(repeating: 0xFF, count: 100_000)]
        for (index, batch) in batches.enumerated() {
            let position = try journal.append(batch: batch, recordCount: index + 1)
            #expect(position.sequence == Int64(index + 1))
            #expect(journal.lastPosition == position)
        }
        let rows = try journal.rows(after: journal.start)
        #expect(rows.map(\.batch) == batches)
        #expect(rows.map(\.recordCount) == [1, 2, 3])
        #expect(rows.last?.position == journal.lastPosition)
    }

    @Test("a journal opened again has the same id and goes on where it ended")
    func reopening() throws {
        let first = try appendOnce()
        let journal = try Journal(path: directory.journal)
        #expect(journal.identity == first.identity)
        #expect(journal.lastPosition == first.position)
        #expect(try journal.append(batch: [2], recordCount: 1).sequence == 2)
        #expect(try journal.verify(after: journal.start) == 2)
    }

    @Test("what append returned for is in a copy of the files, without closing anything")
    func durability() throws {
        let journal = try Journal(path: directory.journal)
        for byte in UInt8(0)..<50 {
            try journal.append(batch: [byte], recordCount: 1)
        }
        let image = try directory.crashImage()
        let recovered = try Journal(path: image.journal)
        #expect(recovered.lastPosition == journal.lastPosition)
        #expect(try recovered.rows(after: recovered.start).map(\.batch) == (UInt8(0)..<50).map { [$0] })
    }

    @Test("a commit's number is not given out again after its row is deleted")
    func noReuse() throws {
        let journal = try Journal(path: directory.journal)
        for byte in UInt8(1)...3 { try journal.append(batch: [byte], recordCount: 1) }
        try RawDatabase(path: directory.journal).execute("DELETE FROM commits WHERE sequence < 3")
        #expect(try journal.append(batch: [4], recordCount: 1).sequence == 4)
        #expect(try journal.position(at: 1) == nil)
    }

    @Test("two journals with the same commits have different ids and different checksums")
    func chainsAreTheirOwn() throws {
        let other = try TemporaryDirectory()
        let (one, two) = (try Journal(path: directory.journal), try Journal(path: other.journal))
        let positions = try [one, two].map { try $0.append(batch: [7], recordCount: 1) }
        #expect(one.identity != two.identity)
        #expect(positions[0].checksum != positions[1].checksum)
    }

    @Test(
        "a checksum depends on the predecessor, the number, the time, the count and the batch's digest",
        arguments: [
            (JournalPosition(sequence: 1, checksum: 6), 7, 2, 9), (JournalPosition(sequence: 2, checksum: 5), 7, 2, 9),
            (JournalPosition(sequence: 1, checksum: 5), 8, 2, 9), (JournalPosition(sequence: 1, checksum: 5), 7, 3, 9),
            (JournalPosition(sequence: 1, checksum: 5), 7, 2, 8),
        ] as [(JournalPosition, Int64, Int, UInt8)])
    func chaining(last: JournalPosition, time: Int64, count: Int, digest: UInt8) {
        let reference = JournalPosition(sequence: 1, checksum: 5)
            .following(committedMilliseconds: 7, recordCount: 2, digest: [9])
        let changed = last.following(committedMilliseconds: time, recordCount: count, digest: [digest])
        #expect(changed.checksum != reference.checksum)
    }

    /// Computed with Python's `hashlib`.
    @Test("a checksum is the first half of the SHA-256 that the format describes")
    func knownChecksum() {
        let position = JournalPosition(sequence: 0, checksum: 0)
            .following(committedMilliseconds: 7, recordCount: 2, digest: Array(0..<32))
        #expect(position.checksum == 0x6538_3D58_40C3_CAED_C3B8_0CDE_2AAD_F796)
    }

    @Test("two commits of the same bytes have digests that tell nothing of that")
    func salted() {
        let digests = (0..<2).map { _ in BatchSeal.random().digest(of: [1, 2, 3] as [UInt8]) }
        #expect(digests[0] != digests[1])
    }

    @Test("the file and its log are for the aggregator's user alone, whatever the umask")
    func mode() throws {
        let journal = try Journal(path: directory.journal)
        try journal.append(batch: [1], recordCount: 1)
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.journal + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("every commit is synced: synchronous is FULL and the mode WAL on the connection that appends")
    func settings() throws {
        let opened = try reopenedConnection()
        #expect(try opened.writer.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try opened.writer.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test("the log starts over once it is copied, so it does not grow with the journal")
    func logIsBounded() throws {
        let journal = try Journal(path: directory.journal)
        let batch = [UInt8](repeating: 1, count: 1024 * 1024)
        for _ in 0..<32 { try journal.append(batch: batch, recordCount: 1) }
        let log = try FileManager.default.attributesOfItem(atPath: directory.journal + "-wal")[.size] as? Int
        #expect(try #require(log) < 8 * 1024 * 1024)
    }

    @Test("the log is copied while nothing is committed, and starts over with the next commits")
    func copiedBeside() throws {
        let journal = try Journal(path: directory.journal)
        let (batch, log) = ([UInt8](repeating: 1, count: 3 * 1024 * 1024), directory.journal + "-wal")
        let fileBytes = { (path: String) in
            try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        }
        try journal.append(batch: batch, recordCount: 1)
        journal.copier.wait()
        #expect(try fileBytes(directory.journal) >= batch.count)
        // What is left is copied with the first, and the second is written where the log begins.
        for _ in 1...2 { try journal.append(batch: [2], recordCount: 1) }
        let length = try fileBytes(log)
        try journal.append(batch: batch.dropLast(64 * 1024), recordCount: 1)
        #expect(try fileBytes(log) == length)
        #expect(try journal.verify(after: journal.start) == 4)
    }

    private func appendOnce() throws -> (identity: JournalID, position: JournalPosition) {
        let journal = try Journal(path: directory.journal)
        return (journal.identity, try journal.append(batch: [1], recordCount: 1))
    }

    private func reopenedConnection() throws -> OpenedJournal {
        _ = try appendOnce()
        return try OpenedJournal(path: directory.journal, pagesMax: nil)
    }
}
