import Foundation
import Testing
import TestSupport

@testable import Journal
@testable import SQLiteSupport

@Suite("A disk that fails under the journal")
struct FaultTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("a journal at its page limit stores nothing of a commit and takes the next one that fits")
    func pageLimit() throws {
        let journal = try Journal(path: directory.journal, pagesMax: 16)
        try journal.append(batch: [1], recordCount: 1)
        let last = journal.lastPosition
        #expect(throws: JournalError.full(file: directory.journal)) {
            try journal.append(batch: [UInt8](repeating: 2, count: 100_000), recordCount: 1)
        }
        #expect(journal.lastPosition == last)
        #expect(try journal.append(batch: [3], recordCount: 1).sequence == 2)
        #expect(try journal.rows(after: journal.start).map(\.batch) == [[1], [3]])
    }

    @Test("a journal that was full holds the same after it is opened again")
    func fullThenReopened() throws {
        let identity = try fillUp()
        let journal = try Journal(path: directory.journal)
        #expect(journal.identity == identity)
        #expect(try journal.verify(after: journal.start) == 1)
        #expect(try journal.append(batch: [9], recordCount: 1).sequence == 2)
    }

    @Test("a disk without room rolls the commit back, and commits go on when there is room")
    func noSpace() throws {
        let journal = try Journal(path: directory.journal)
        try journal.append(batch: [1], recordCount: 1)
        let fault = try DescriptorFault(path: directory.journal + "-wal", device: "/dev/full")
        #expect(fault.descriptorCount > 0)
        #expect(throws: JournalError.full(file: directory.journal)) {
            try journal.append(batch: [2], recordCount: 1)
        }
        fault.heal()
        #expect(try journal.append(batch: [3], recordCount: 1).sequence == 2)
        let image = try directory.crashImage()
        let recovered = try Journal(path: image.journal)
        #expect(try recovered.rows(after: recovered.start).map(\.batch) == [[1], [3]])
    }

    @Test("a failed sync is final: no later commit is taken, even when the disk works again")
    func failedSync() throws {
        let journal = try Journal(path: directory.journal)
        try journal.append(batch: [1], recordCount: 1)
        let fault = try DescriptorFault(path: directory.journal + "-wal", device: "/dev/null")
        let first = #expect(throws: JournalError.self) { try journal.append(batch: [2], recordCount: 1) }
        fault.heal()
        let second = #expect(throws: JournalError.self) { try journal.append(batch: [3], recordCount: 1) }
        #expect(first == second)
        guard case .inputOutput = first else { throw try #require(first) }
        #expect(journal.lastPosition.sequence == 1)
        let image = try directory.crashImage()
        let recovered = try Journal(path: image.journal)
        #expect(try recovered.rows(after: recovered.start).map(\.batch) == [[1]])
    }

    @Test("a sync that fails while the log is copied into the file is final, too")
    func failedCheckpointSync() throws {
        let journal = try Journal(path: directory.journal)
        let fault = try DescriptorFault(path: directory.journal, device: "/dev/null")
        defer { fault.heal() }
        let error = #expect(throws: JournalError.self) {
            try journal.append(batch: [UInt8](repeating: 1, count: 5 * 1024 * 1024), recordCount: 1)
        }
        guard case .inputOutput = error else { throw try #require(error) }
    }

    @Test("so is one that fails while that is done beside the commits: the next one says so")
    func failedCopierSync() throws {
        let journal = try Journal(path: directory.journal)
        let fault = try DescriptorFault(path: directory.journal, device: "/dev/null")
        defer { fault.heal() }
        // Enough for the copier, and too little for a commit to copy it.
        try journal.append(batch: [UInt8](repeating: 1, count: 3 * 1024 * 1024), recordCount: 1)
        journal.copier.wait()
        let error = #expect(throws: JournalError.self) { try journal.append(batch: [2], recordCount: 1) }
        guard case .inputOutput = error else { throw try #require(error) }
        #expect(throws: JournalError.self) { try journal.append(batch: [3], recordCount: 1) }
    }

    @Test("a failed sync of anything else than a commit is final, too")
    func failedShortening() throws {
        let journal = try Journal(path: directory.journal)
        for _ in 1...3 { try journal.append(batch: [1], recordCount: 1, nowMilliseconds: 1) }
        // So that what is read comes from the file, and writing alone fails.
        #expect(try journal.overwriteErased(again: false) == nil)
        let fault = try DescriptorFault(path: directory.journal + "-wal", device: "/dev/null")
        let first = #expect(throws: JournalError.self) {
            try journal.shorten(through: journal.lastPosition, committedBefore: 2)
        }
        fault.heal()
        guard case .inputOutput = first else { throw try #require(first) }
        #expect(throws: try #require(first)) { try journal.append(batch: [2], recordCount: 1) }
    }

    @Test("a journal that is closed leaves its file alone, with all that it holds")
    func closed() throws {
        let journal = try Journal(path: directory.journal)
        try journal.append(batch: [1], recordCount: 1)
        try journal.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["journal.sqlite"])
        #expect(throws: JournalError.self) { try journal.append(batch: [2], recordCount: 1) }
        let again = try Journal(path: directory.journal)
        #expect(try again.rows(after: again.start).map(\.batch) == [[1]])
    }

    @Test("a log that cannot be copied for lack of room keeps its commits, and they are acknowledged")
    func fullCheckpoint() throws {
        let journal = try Journal(path: directory.journal)
        let fault = try DescriptorFault(path: directory.journal, device: "/dev/full")
        try journal.append(batch: [UInt8](repeating: 1, count: 5 * 1024 * 1024), recordCount: 1)
        try journal.append(batch: [2], recordCount: 1)
        fault.heal()
        try journal.append(batch: [3], recordCount: 1)
        #expect(try journal.verify(after: journal.start) == 3)
    }

    @Test("a commit that another process's transaction keeps out says so")
    func heldByAnother() throws {
        let journal = try Journal(path: directory.journal)
        var error: JournalError?
        try RawDatabase(path: directory.journal).holdingWriteLock {
            error = #expect(throws: JournalError.self) { try journal.append(batch: [1], recordCount: 1) }
        }
        #expect(try #require(error).description.contains("another process holds the file"))
        #expect(try journal.rows(after: journal.start).isEmpty)
    }

    @Test("a journal whose file is moved away or exchanged takes nothing more", arguments: [false, true])
    func movedAway(isExchanged: Bool) throws {
        let journal = try Journal(path: directory.journal)
        try journal.append(batch: [1], recordCount: 1)
        try FileManager.default.moveItem(atPath: directory.journal, toPath: directory.journal + ".before")
        if isExchanged { try Data().write(to: URL(fileURLWithPath: directory.journal)) }
        let error = #expect(throws: JournalError.self) { try journal.append(batch: [2], recordCount: 1) }
        let failure = try #require(error)
        #expect(failure.description.contains("was moved or deleted while it was open"))
        #expect(throws: failure) { try journal.append(batch: [3], recordCount: 1) }
    }

    private func fillUp() throws -> JournalID {
        let journal = try Journal(path: directory.journal, pagesMax: 8)
        try journal.append(batch: [1], recordCount: 1)
        #expect(throws: JournalError.full(file: directory.journal)) {
            try journal.append(batch: [UInt8](repeating: 2, count: 100_000), recordCount: 1)
        }
        return journal.identity
    }
}
