import Foundation
import GRDB
import Records
import Storage
import Synchronization
import Testing
import TestSupport

@testable import SQLiteStorage

@Suite("The store's file")
struct FileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("SQLite writes nothing outside of the store's files, whatever it sorts")
    func noTemporaryFiles() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        // 2 is MEMORY.
        let setting = { @Sendable (database: Database) in try Int.fetchOne(database, sql: "PRAGMA temp_store") }
        #expect(try await store.read(setting) == 2)
        #expect(try await store.write(setting) == 2)
    }

    @Test("a store opened again holds the same counts and the same position")
    func reopening() async throws {
        try await foldOnce()
        let store = try SQLiteOutcomeStore(path: directory.store)
        #expect(try await store.position() == Fixture.position(1))
        #expect(try await store.rules(site: "site").map(\.conversions) == [1])
        try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(2))
        #expect(try await store.rules(site: "site").map(\.conversions) == [2])
    }

    @Test("a fold that may take its time counts the same, and rests for about so long in all")
    func unhurried() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        let records = (1...1000).map { Fixture.record($0) }
        try await store.fold(
            RecordBatch(records), declared: .none, advancingTo: Fixture.position(1), over: .milliseconds(10))
        #expect(try await store.rules(site: "site").map(\.conversions) == [1000])
        for (records, restCount, total) in [(127, 0, 0), (128, 1, 10), (1000, 7, 70), (100_000, 781, 1000)] {
            let rests = Mutex<[Duration]>([])
            var pace = FoldPace(records: records, over: .seconds(1)) { rest in rests.withLock { $0.append(rest) } }
            for _ in 0..<records { pace.rest() }
            let taken = rests.withLock { $0 }
            #expect(taken.count == restCount)
            let time = taken.reduce(.zero, +)
            #expect((.milliseconds(total - 1)...Duration.milliseconds(total + 1)).contains(time))
        }
        var hurried = FoldPace(records: 1000, over: .zero) { _ in Issue.record("it rests") }
        for _ in 0..<1000 { hurried.rest() }
    }

    @Test("the limits hold across openings, and lower ones keep the names that were there")
    func limitsAcrossOpenings() async throws {
        do {
            let store = try SQLiteOutcomeStore(path: directory.store)
            let records = (1...3).map { Fixture.record(1, rule: "\($0)") }
            try await store.fold(records, advancingTo: Fixture.position(1))
        }
        let store = try SQLiteOutcomeStore(path: directory.store, limits: DimensionLimits(rulesPerSiteMax: 2))
        let records = (3...4).map { Fixture.record(1, rule: "\($0)") }
        try await store.fold(records, advancingTo: Fixture.position(2))
        let names = try await store.rules(site: "site").map(\.rule).sorted()
        #expect(names == ["1", "2", "3"].map { DimensionName($0) } + [.other])
    }

    @Test("the file and its log are for the aggregator's user alone, whatever the umask")
    func mode() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(1))
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.store + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("a full store counts nothing of the fold, and goes on with the next one that fits")
    func full() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store, pagesMax: 24)
        try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(1))
        let large = (0..<10_000).map { Fixture.record(UInt128($0), rule: "large") }
        await #expect(throws: StorageError.full(store: directory.store)) {
            try await store.fold(large, advancingTo: Fixture.position(2))
        }
        #expect(try await store.position() == Fixture.position(1))
        #expect(try await store.rules(site: "site").map(\.rule) == [DimensionName("rule")])
        try await store.fold([Fixture.record(2)], advancingTo: Fixture.position(2))
        #expect(try await store.rules(site: "site").map(\.conversions) == [2])
    }

    @Test("the store keeps one row for a subject, and no more of its times than a window can tell apart")
    func rows() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        for sequence in 1...5 {
            let records = (0..<10).map { Fixture.record($0, at: Int64(100 - sequence)) }
            try await store.fold(records, advancingTo: Fixture.position(Int64(sequence)))
        }
        let rows = try await store.read { try Data.fetchAll($0, sql: "SELECT history FROM subject") }
        #expect(rows.count == 10)
        for row in rows {
            let history = try #require(row.withUnsafeBytes { SubjectHistory(decoding: $0) })
            #expect(history.outcomes.map { $0.conversions.map(\.times.milliseconds) } == [[[95, 99]]])
        }
    }

    @Test("the log starts over once it is copied, so it does not grow with the store")
    func logIsBounded() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        for sequence in 1...40 {
            let records = (0..<5000).map { Fixture.record(UInt128(sequence * 5000 + $0) &* (UInt128.max / 200_003)) }
            try await store.fold(records, advancingTo: Fixture.position(Int64(sequence)))
        }
        let log = try FileManager.default.attributesOfItem(atPath: directory.store + "-wal")[.size] as? Int
        #expect(try #require(log) < 16 * 1024 * 1024)
    }

    @Test("a fold whose task is cancelled says so and counts nothing")
    func cancellation() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(1))
        }
        await #expect(throws: StorageError.cancelled(store: directory.store)) { try await task.value }
        #expect(try await store.position() == nil)
    }

    @Test("what is overwritten leaves nothing of who was forgotten, and every row of the others")
    func overwriting() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        var random = SeededGenerator(seed: 1)
        let subjects = (0..<6000).map { _ in UInt128.random(in: .min ... .max, using: &random) }
        // In many folds, so that rows move from page to page, among them those of who is forgotten.
        for (index, start) in stride(from: 0, to: subjects.count, by: 200).enumerated() {
            let records = subjects[start..<start + 200].map { Fixture.record($0) }
            try await store.fold(records, advancingTo: Fixture.position(Int64(index + 1)))
        }
        let forgotten = subjects.prefix(300)
        #expect(try await store.forget(forgotten.map { Subject($0) }) == 300)
        #expect(try places(of: forgotten) != [:], "else this test shows nothing")
        let before = try await rows(of: store)
        #expect(try await store.overwriteForgotten(again: false) == nil)
        #expect(try places(of: forgotten) == [:])
        #expect(try await rows(of: store) == before)
        #expect(try await integrity(of: store) == "ok")
        // What is in memory must not bring anything back.
        try await store.fold(
            subjects.suffix(500).map { Fixture.record($0, at: 1001) }, advancingTo: Fixture.position(100))
        let after = try await rows(of: store)
        try store.close()
        #expect(try places(of: forgotten) == [:])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store.sqlite"])
        #expect(try await rows(of: SQLiteOutcomeStore(path: directory.store)) == after)
    }

    @Test("while somebody reads, nothing is overwritten, which is told, and no try makes the log longer")
    func held() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        try await store.fold((1...2000).map { Fixture.record($0) }, advancingTo: Fixture.position(1))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: directory.store, configuration: configuration)
        try await reader.writeWithoutTransaction { try $0.execute(sql: "BEGIN; SELECT count(*) FROM subject") }
        #expect(try await store.forget([Subject(1)]) == 1)
        let log = { try FileManager.default.attributesOfItem(atPath: self.directory.store + "-wal")[.size] as? Int }
        let before = try log()
        for _ in 1...3 {
            #expect(try await store.overwriteForgotten(again: false) == "a report is being read from store.sqlite")
        }
        #expect(try log() == before)
        try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        #expect(try await store.overwriteForgotten(again: false) == nil)
        #expect(try log() == 0)
    }

    private func rows(of store: SQLiteOutcomeStore) async throws -> [String] {
        try await store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT rule_id, subject_high, subject_low, hex(history) FROM subject ORDER BY 1, 2, 3"
            ).map { "\($0)" }
        }
    }

    private func integrity(of store: SQLiteOutcomeStore) async throws -> String? {
        try await store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
    }

    /// The files that hold a half of one of these, as the table has it, and how many of them.
    private func places(of subjects: ArraySlice<UInt128>) throws -> [String: Int] {
        let halves = Set(subjects.flatMap { [UInt64(truncatingIfNeeded: $0), UInt64($0 >> 64)] })
        var places: [String: Int] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            var window: UInt64 = 0
            for byte in try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\(name)")) {
                window = window << 8 | UInt64(byte)
                if halves.contains(window) { places[name, default: 0] += 1 }
            }
        }
        return places
    }

    private func foldOnce() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(1))
    }

    @Test("room that many erased subjects left is given back, and all that is counted stays")
    func room() async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(1))
        let file = try DatabaseQueue(path: directory.store)
        try await file.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 30000)
                    INSERT INTO subject SELECT 99, n, 0, zeroblob(1000) FROM number;
                    DELETE FROM subject WHERE rule_id = 99;
                    """)
            try database.checkpoint(.truncate)
        }
        let bytes = try size()
        #expect(bytes > 30 << 20)
        while try await store.giveBackRoom() > 0 {}
        #expect(try size() < 20 << 20)
        #expect(try await store.rules(site: "site").map(\.conversions) == [1])
        try await store.fold([Fixture.record(2)], advancingTo: Fixture.position(2))
        #expect(try await store.rules(site: "site").map(\.conversions) == [2])
        #expect(try await file.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
    }

    private func size() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: directory.store)[.size] as? Int ?? 0
    }
}
