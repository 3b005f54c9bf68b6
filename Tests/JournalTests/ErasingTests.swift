import Foundation
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

    private func eraseEven() throws -> Int {
        try journal.erase { row in
            row.position.sequence % 2 == 0 ? Array(repeating: 0, count: Self.secret.count) + [row.batch.last ?? 0] : nil
        }
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
        #expect(try journal.erase { _ in Array(repeating: 1, count: 21) } == 200)
        #expect(try journal.verify(after: journal.start) == 200)
    }

    @Test("what was erased is in none of the files, and a commit's salt neither")
    func files() throws {
        let salts = try seals()
        #expect(try journal.erase { _ in Array(repeating: 0, count: 21) } == 200)
        #expect(try seals().allSatisfy { $0.count == 64 })
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.count >= 2)
        for name in names {
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\(name)"))
            #expect(content.range(of: Data(Self.secret)) == nil, "\(name)")
            for salt in salts { #expect(content.range(of: salt) == nil, "\(name)") }
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
