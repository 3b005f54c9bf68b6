import Foundation
import SQLiteSupport
import Testing
import TestSupport

@testable import Journal

@Suite("Erasing from the journal")
struct ErasingTests {
    private static let secret = Array("what nobody may find".utf8)

    private let directory: TemporaryDirectory
    private let journal: Journal

    init() throws {
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal)
        for number in UInt8(1)...200 {
            try journal.append(batch: Self.secret + [number], recordCount: 1)
        }
    }

    /// Lets `erase` change every batch there is; returns how many changed.
    private func eraseAll(bytesMax: Int = 512, _ erase: (JournalRow) -> [UInt8]?) throws -> Int {
        var count = 0
        var position = journal.start
        while position != journal.lastPosition {
            let step = try journal.erase(after: position, through: journal.lastPosition, bytesMax: bytesMax, erase)
            count += step.count
            position = step.last
        }
        return count
    }

    private func eraseEven() throws -> Int {
        try eraseAll { row in
            row.position.sequence % 2 == 0 ? Array(repeating: 0, count: Self.secret.count) + [row.batch.last ?? 0] : nil
        }
    }

    private static func zeros(_ row: JournalRow) -> [UInt8]? {
        Array(repeating: 0, count: row.batch.count)
    }

    @Test("the chain holds, places stay, and what was not to be erased reads as before")
    func chain() throws {
        let last = journal.lastPosition
        #expect(try eraseEven() == 100)
        for journal in [journal, try Journal(path: directory.journal)] {
            let rows = try journal.rows(after: journal.start)
            #expect(rows.last?.position == last)
            #expect(rows.map(\.batch.last) == (UInt8(1)...200).map { Optional($0) })
            #expect(rows.filter { $0.batch.starts(with: Self.secret) }.count == 100)
        }
        #expect(try journal.append(batch: [1], recordCount: 1).sequence == 201)
    }

    @Test("erasing again goes on from what is left")
    func again() throws {
        #expect(try eraseEven() == 100)
        #expect(try eraseAll { _ in Array(repeating: 1, count: 21) } == 200)
        #expect(try journal.verify(after: journal.start) == 200)
    }

    @Test("what was erased is in none of the files once they are overwritten, and a commit's salt neither")
    func files() throws {
        let salts = try seals()
        #expect(try eraseAll(Self.zeros) == 200)
        #expect(try seals().allSatisfy { $0.count == 64 })
        #expect(try journal.overwriteErased(again: false) == nil)
        try expectNothing(of: [Data(Self.secret)] + salts)
        #expect(try journal.append(batch: [1], recordCount: 1).sequence == 201)
        #expect(try journal.verify(after: journal.start) == 201)
    }

    @Test("where commits had moved from page to page before, their bytes are overwritten there too")
    func moved() throws {
        // What is removed and what grows makes SQLite move the commits beside it.
        try journal.shorten(through: try #require(try journal.position(at: 30)), committedBefore: .max)
        let salts = try seals()
        for remainder in 0..<7 {
            _ = try eraseAll { $0.position.sequence % 7 == remainder ? Self.zeros($0) : nil }
        }
        #expect(try journal.overwriteErased(again: false) == nil)
        try expectNothing(of: [Data(Self.secret)] + salts)
        #expect(try journal.verify(after: journal.start) == 170)
    }

    @Test("commits that are behind the given place stay as they are")
    func end() throws {
        let end = try #require(try journal.position(at: 50))
        let step = try journal.erase(after: journal.start, through: end, Self.zeros)
        #expect(step.count == 50 && step.last == end)
        #expect(try journal.rows(after: end).allSatisfy { $0.batch.starts(with: Self.secret) })
    }

    @Test("while somebody reads the log it is not overwritten, which is told, and commits go on")
    func reader() throws {
        try RawDatabase(path: directory.journal).reading {
            #expect(try eraseAll(Self.zeros) == 200)
            #expect(try journal.overwriteErased(again: false) == "a report is being read from journal.sqlite")
            try journal.append(batch: [1], recordCount: 1)
        }
        #expect(try journal.overwriteErased(again: false) == nil)
        try expectNothing(of: [Data(Self.secret)])
    }

    @Test("a death before the files are overwritten leaves it to the next process")
    func death() throws {
        #expect(try eraseAll(Self.zeros) == 200)
        let image = try directory.crashImage()
        let recovered = try Journal(path: image.journal)
        #expect(try recovered.overwriteErased(again: false) == nil)
        try expectNothing(of: [Data(Self.secret)], in: image)
        #expect(try recovered.verify(after: recovered.start) == 200)
    }

    @Test("what reads as overwritten is written once more where an earlier sync may have failed")
    func unsynced() throws {
        #expect(try eraseAll(Self.zeros) == 200)
        #expect(try journal.overwriteErased(again: false) == nil)
        let written = {
            try FileManager.default.attributesOfItem(atPath: self.directory.journal)[.modificationDate] as? Date
        }
        let first = try written()
        #expect(try journal.overwriteErased(again: false) == nil)
        #expect(try written() == first)
        #expect(try journal.overwriteErased(again: true) == nil)
        #expect(try written() != first)
        #expect(try journal.verify(after: journal.start) == 200)
    }

    @Test("an operator's vacuum between two steps of overwriting is no damage, and nothing is left after the last")
    func vacuum() throws {
        #expect(try eraseAll(Self.zeros) == 200)
        let database = try RawDatabase(path: directory.journal)
        var space = UnusedSpace(waitMilliseconds: 0, writesAgain: false, copier: journal.copier)
        var steps = 0
        func step() throws -> UnusedSpace.Progress {
            steps += 1
            return try journal.write { try space.overwrite(in: $0, pagesMax: 1) }
        }
        guard case .more = try step() else { return #expect(Bool(false), "one step was enough for all") }
        try journal.shorten(through: try #require(try journal.position(at: 150)), committedBefore: .max)
        try database.execute("VACUUM")
        while case .more = try step() {}
        #expect(steps > 2)
        #expect(try journal.overwriteErased(again: false) == nil)
        try expectNothing(of: [Data(Self.secret)])
        #expect(try journal.verify(after: journal.start) == 50)
    }

    @Test("a sync that fails while the files are overwritten is final")
    func failedSync() throws {
        #expect(try eraseAll(Self.zeros) == 200)
        let fault = try DescriptorFault(path: directory.journal, device: "/dev/null")
        let first = #expect(throws: JournalError.self) { try journal.overwriteErased(again: false) }
        fault.heal()
        guard case .inputOutput = first else { throw try #require(first) }
        #expect(throws: try #require(first)) { try journal.append(batch: [1], recordCount: 1) }
    }

    private func expectNothing(of pieces: [Data], in directory: TemporaryDirectory? = nil) throws {
        let path = (directory ?? self.directory).path
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(names.count >= 2)
        for name in names {
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
            for piece in pieces { #expect(content.range(of: piece) == nil, "\(name)") }
        }
    }

    @Test("a bit that flips in what an erasure left is noticed")
    func damage() throws {
        #expect(try eraseEven() == 100)
        try RawDatabase(path: directory.journal).execute("UPDATE commits SET batch = zeroblob(21) WHERE sequence = 4")
        #expect(throws: JournalError.self) { try journal.verify(after: journal.start) }
    }

    private func seals() throws -> [Data] {
        try RawDatabase(path: directory.journal).blobs("SELECT seal FROM commits")
    }
}
