import Foundation
import GRDB
import Journal
import Records
import SQLiteStorage
import Storage
import Testing
import TestSupport

@testable import Aggregator

@Suite("Recovery")
struct RecoveryTests {
    private let directory: TemporaryDirectory
    private let journal: Journal
    private let store: SQLiteOutcomeStore

    init() throws {
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal)
        store = try SQLiteOutcomeStore(path: directory.store)
    }

    @Test("a new journal and a new store begin at the journal's start, with no ids")
    func new() async throws {
        let recovered = try await recover()
        #expect(recovered.folded == journal.start)
        #expect(recovered.window.count == 0)
    }

    @Test("the store's place is found, and the ids before and after it are known")
    func place() async throws {
        let first = try journal.append([1, 2])
        try journal.append([3, 4])
        try await fold(to: first)
        let recovered = try await recover()
        #expect(recovered.folded == first)
        #expect(known(to: recovered, of: 0...5) == [1, 2, 3, 4])
    }

    @Test("of more ids than are remembered the latest are")
    func window() async throws {
        for first in stride(from: 1, to: 31, by: 3) as StrideTo<UInt128> { try journal.append(first...first + 2) }
        try await fold(to: journal.lastPosition)
        #expect(known(to: try await recover(windowCapacity: 8), of: 0...31) == Array(23...30))
        #expect(known(to: try await recover(windowCapacity: 9), of: 0...31) == Array(22...30))
        #expect(known(to: try await recover(windowCapacity: 100), of: 0...31) == Array(1...30))
    }

    @Test("an id that the journal holds twice is remembered once")
    func repeatedID() async throws {
        try journal.append([1, 2])
        try journal.append([2, 3])
        let recovered = try await recover()
        #expect(recovered.window.count == 3)
        #expect(known(to: recovered, of: 0...4) == [1, 2, 3])
    }

    @Test("a store that is missing is filled again from the journal's start")
    func missingStore() async throws {
        try journal.append([1])
        try journal.append([2])
        let recovered = try await recover()
        #expect(recovered.folded == journal.start)
        #expect(known(to: recovered, of: 0...3) == [1, 2])
    }

    @Test("a store of another journal is refused, and the refusal says what to restore")
    func otherJournal() async throws {
        try journal.append([1])
        let other = try Journal(path: directory.path + "/other.sqlite")
        try await store.fold([], advancingTo: FoldPosition(try other.append([1]), of: other))
        let error = await #expect(throws: RecoveryError.self) { try await recover() }
        guard case .otherJournal(directory.store, directory.journal) = error else { throw try #require(error) }
        #expect("\(try #require(error))".contains("restore both from one backup"))
    }

    @Test("a store that has counted a commit which the journal lacks is refused")
    func storeAhead() async throws {
        try journal.append([1])
        let ahead = JournalPosition(sequence: 2, checksum: 7)
        try await fold(to: ahead)
        let error = await #expect(throws: RecoveryError.self) { try await recover() }
        guard case .storeAhead(directory.store, directory.journal, 2) = error else { throw try #require(error) }
        #expect("\(try #require(error))".contains("restore both from one backup"))
    }

    @Test("a store that has counted another commit of that number is refused")
    func otherHistory() async throws {
        let last = try journal.append([1])
        try await fold(to: JournalPosition(sequence: last.sequence, checksum: last.checksum ^ 1))
        let error = await #expect(throws: RecoveryError.self) { try await recover() }
        guard case .otherHistory(directory.store, directory.journal, 1) = error else { throw try #require(error) }
    }

    @Test("without a store, a journal that was shortened is counted only when that is asked for")
    func storeMissing() async throws {
        for number in 1...3 as ClosedRange<UInt128> { try journal.append([number]) }
        try journal.shorten(through: journal.lastPosition, committedBefore: .max, rowsMax: 2)
        let error = await #expect(throws: RecoveryError.self) { try await recover() }
        guard case .storeMissing(directory.store, directory.journal, 2) = error else { throw try #require(error) }
        #expect("\(try #require(error))".contains("run `rule-outcomes recount`"))
        let store = try SQLiteOutcomeStore(path: directory.store)
        let recovered = try await Recovery(journal: journal, store: store, storePath: directory.store, recounts: true)
        #expect(recovered.folded.sequence == 2)
    }

    @Test("a store that stands before the journal's beginning is refused")
    func storeTooOld() async throws {
        for number in 1...3 as ClosedRange<UInt128> { try journal.append([number]) }
        try await fold(to: try #require(try journal.position(at: 1)))
        try journal.shorten(through: journal.lastPosition, committedBefore: .max, rowsMax: 2)
        let error = await #expect(throws: RecoveryError.self) { try await recover() }
        guard case .storeTooOld(directory.store, directory.journal, 1, 2) = error else { throw try #require(error) }
    }

    @Test("a commit that is broken and still needed is found", arguments: [2, 3, 4] as [Int64])
    func broken(sequence: Int64) async throws {
        for number in 1...4 as ClosedRange<UInt128> { try journal.append([number]) }
        try await fold(to: try #require(try journal.position(at: 1)))
        try damage(commit: sequence)
        let error = await #expect(throws: JournalError.self) { try await recover() }
        guard case .broken(directory.journal, sequence, _) = error else { throw try #require(error) }
    }

    @Test("a commit that is broken and not counted yet is found, however few ids are remembered")
    func brokenUnfolded() async throws {
        for number in 1...4 as ClosedRange<UInt128> { try journal.append([number]) }
        try damage(commit: 1)
        let error = await #expect(throws: JournalError.self) { try await recover(windowCapacity: 1) }
        guard case .broken(directory.journal, 1, _) = error else { throw try #require(error) }
    }

    @Test("a commit whose records this version cannot read is named")
    func unreadable() async throws {
        try journal.append([1])
        try journal.append(batch: [200, 0, 1], recordCount: 1, nowMilliseconds: WallClock.nowMilliseconds())
        let error = await #expect(throws: RecoveryError.self) { try await recover() }
        guard case .unreadable(directory.journal, 2, _) = error else { throw try #require(error) }
    }

    private func recover(windowCapacity: Int = 1000) async throws -> Recovery {
        try await Recovery(
            journal: journal, store: store, storePath: directory.store, windowCapacity: windowCapacity)
    }

    private func fold(to position: JournalPosition) async throws {
        try await store.fold([], advancingTo: FoldPosition(position, of: journal))
    }

    private func known(to recovered: Recovery, of numbers: ClosedRange<UInt128>) -> [UInt128] {
        numbers.filter { recovered.window.contains(RecordID($0)) }
    }

    /// Changes the bytes of a commit behind the journal's back.
    private func damage(commit sequence: Int64) throws {
        try DatabaseQueue(path: directory.journal).write { database in
            try database.execute(
                sql: "UPDATE commits SET batch = ? WHERE sequence = ?",
                arguments: [Data(Sample.bytes([99])), sequence])
        }
    }
}
