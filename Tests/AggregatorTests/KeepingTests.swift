import Foundation
import GRDB
import Journal
import Records
import SQLiteStorage
import Storage
import Synchronization
import Testing
import TestSupport

@testable import Aggregator

@Suite("Keeping and forgetting")
struct KeepingTests {
    private static let day = CountingWindow.dayMilliseconds

    /// Appends a commit of one record for each subject.
    private func append(
        _ subjects: [UInt128], to journal: Journal, daysAgo: Int64 = 0, conversion: String? = nil
    ) throws {
        let time = WallClock.nowMilliseconds() - daysAgo * Self.day
        let records = subjects.map { subject in
            Record(
                id: .random(), timeMilliseconds: time, subject: Subject(subject), site: "default",
                event: conversion.map { .conversion(Conversion(ruleID: "article-22", outcomeID: "a", name: $0)) }
                    ?? .exposure(Exposure(ruleID: "article-22", outcomeID: "a")))
        }
        try journal.append(batch: Sample.bytes(records), recordCount: records.count, nowMilliseconds: time)
    }

    /// A subject that no file has by chance.
    private static func subject(_ number: Int) -> UInt128 {
        var random = SeededGenerator(seed: UInt64(number))
        return UInt128.random(in: .min ... .max, using: &random)
    }

    /// Where the files of the directory hold the subject, in either order of its bytes, in its table's two halves or in
    /// one piece.
    private func places(of subject: UInt128, in directory: TemporaryDirectory) throws -> [String] {
        let bytes = withUnsafeBytes(of: subject.bigEndian) { Data($0) }
        let pieces = [bytes, Data(bytes.reversed()), Data(bytes.prefix(8)), Data(bytes.suffix(8))]
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).flatMap { name in
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\(name)"))
            return pieces.indices.filter { content.range(of: pieces[$0]) != nil }.map { "\(name), piece \($0)" }
        }
    }

    @Test("who is forgotten is in no file any more, and stays counted")
    func forgotten() async throws {
        let fold = try FoldUnderTest()
        // Enough for rows to have moved from page to page.
        let all = (1...3000).map(Self.subject)
        for start in stride(from: 0, to: all.count, by: 100) {
            try append(Array(all[start..<start + 100]), to: fold.journal)
        }
        try append(all, to: fold.journal, conversion: "CUSTOMER")
        try await fold.run { run in
            try append(Array(all.prefix(2)), to: fold.journal, conversion: "LATE")
            run.inbox.signal.send()
            let count = await withCheckedContinuation { continuation in
                run.inbox.erasures.submit(
                    Erasures.Request(subjects: all.prefix(100).map { Subject($0) } + [Subject(7)]) {
                        continuation.resume(returning: $0)
                    })
            }
            #expect(count == 100)
            for subject in all.prefix(100) {
                let places = try places(of: subject, in: fold.directory)
                #expect(places.isEmpty, "\(String(subject, radix: 16))")
            }
            for subject in all.suffix(50) { #expect(try !places(of: subject, in: fold.directory).isEmpty) }
            await run.stop()
        }
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let report = try #require(
            try await store.report(site: "default", rule: DimensionName("article-22"), in: [.all]))
        #expect(report.counts[0].map(\.exposed) == [3000])
        #expect(report.counts[0][0].conversions.map(\.converted) == [3000, 2])
    }

    @Test("a store that is made anew from the journal has nothing of who was forgotten")
    func refolded() async throws {
        let fold = try FoldUnderTest()
        try append([1, 2, 3], to: fold.journal)
        try await fold.run { run in
            let count = await withCheckedContinuation { continuation in
                run.inbox.erasures.submit(
                    Erasures.Request(subjects: [Subject(2)]) { continuation.resume(returning: $0) })
            }
            #expect(count == 1)
            await run.stop()
        }
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: fold.directory.store + suffix)
        }
        try await fold.runToEnd()
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let report = try await store.report(site: "default", rule: DimensionName("article-22"), in: [.all])
        #expect(report?.counts[0].map(\.exposed) == [2])
    }

    @Test("folded commits go after seven days, but never the latest record ids")
    func shortened() async throws {
        let fold = try FoldUnderTest()
        for number in 1...10 as ClosedRange<UInt128> { try append([number], to: fold.journal, daysAgo: 8) }
        try append([11], to: fold.journal, daysAgo: 6)
        try await fold.run(recordIDsKept: 5) { run in
            try await Patience.until { fold.journal.start.sequence == 6 }
            await run.stop()
        }
        #expect(try fold.journal.rows(after: fold.journal.start).count == 5)
        // Nothing is counted twice, and a start finds store and journal in agreement.
        try await fold.runToEnd()
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let report = try await store.report(site: "default", rule: DimensionName("article-22"), in: [.all])
        #expect(report?.counts[0].map(\.exposed) == [11])
    }

    @Test("subjects go when their site has kept them for long enough, and their counts stay")
    func expired() async throws {
        let fold = try FoldUnderTest()
        let old = (1...50).map(Self.subject)
        let young = (51...100).map(Self.subject)
        try append(old, to: fold.journal, daysAgo: 31)
        try append(young, to: fold.journal, daysAgo: 29)
        let declared = DeclaredNames(sites: [DimensionName("default"): .init(retentionDays: 30)])
        try await fold.run(declared: { declared }) { run in
            try await Patience.until { try await subjects(in: fold) == 50 }
            await run.stop()
        }
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let report = try await store.report(site: "default", rule: DimensionName("article-22"), in: [.all])
        #expect(report?.counts[0].map(\.exposed) == [100])
    }

    @Test("a regular visitor stays, since the last event counts and not the first")
    func regular() async throws {
        let fold = try FoldUnderTest()
        let subjects = (1...4).map(Self.subject)
        try append(subjects, to: fold.journal, daysAgo: 31)
        try append([subjects[0]], to: fold.journal, daysAgo: 5)
        try append([subjects[1]], to: fold.journal, daysAgo: 5, conversion: "CUSTOMER")
        let declared = DeclaredNames(sites: [DimensionName("default"): .init(retentionDays: 30)])
        try await fold.run(declared: { declared }) { run in
            try await Patience.until { try await self.subjects(in: fold) == 2 }
            await run.stop()
        }
        for subject in subjects.prefix(2) { #expect(try !places(of: subject, in: fold.directory).isEmpty) }
    }

    @Test("whoever has met an outcome of a declared group stays while that is declared, and goes with it")
    func grouped() async throws {
        let fold = try FoldUnderTest()
        let group = DeclaredGroup(
            name: "autumn",
            shares: ["a", "b"].map { DeclaredGroup.Share(outcome: DimensionName($0), weight: 1) },
            baseline: DimensionName("a"), conversion: DimensionName("CUSTOMER"))
        let site = { @Sendable (groups: [DeclaredGroup]) in
            DeclaredNames(sites: [
                DimensionName("default"): .init(
                    rules: [DimensionName("article-22"): .init(groups: groups)], retentionDays: 30)
            ])
        }
        try append((1...3).map(Self.subject), to: fold.journal, daysAgo: 31)
        try append([Self.subject(4)], to: fold.journal, daysAgo: 1)
        try await fold.run(declared: { site([group]) }) { run in
            try await Patience.until { try await self.subjects(in: fold) == 4 }
            await run.stop()
        }
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let cutoffs = [DimensionName("default"): WallClock.nowMilliseconds() - 30 * Self.day]
        let kept = try await store.expire(lastSeenBefore: cutoffs, otherwise: 0, from: nil, rowsMax: 100)
        #expect(kept.erased == 0)
        try await store.declare(site([]), nowMilliseconds: WallClock.nowMilliseconds())
        let gone = try await store.expire(lastSeenBefore: cutoffs, otherwise: 0, from: nil, rowsMax: 100)
        #expect(gone.erased == 3)
    }

    @Test(
        "a clock that is ten years ahead erases nobody, and one that is set right goes on", arguments: [3650, -20_000])
    func wrongClock(daysOff: Int64) async throws {
        let fold = try FoldUnderTest()
        try append((1...3).map(Self.subject), to: fold.journal, daysAgo: 31)
        try append([Self.subject(4)], to: fold.journal)
        let now = WallClock.nowMilliseconds()
        let offset = Mutex(daysOff * Self.day)
        let clock = SoundClock(
            last: now, wall: { WallClock.nowMilliseconds() + offset.withLock { $0 } }, elapsed: SoundClock.sinceNow())
        // It is asked for what is declared in each of its rounds, which a step of upkeep ends.
        let asked = Mutex(0)
        let declared = { @Sendable in
            asked.withLock { $0 += 1 }
            return DeclaredNames(sites: [DimensionName("default"): .init(retentionDays: 30)])
        }
        try await fold.run(declared: declared, clock: clock) { run in
            try await Patience.until {
                run.inbox.signal.send()
                return asked.withLock { $0 } > 10
            }
            #expect(try await self.subjects(in: fold) == 4)
            #expect(fold.journal.start.sequence == 0)
            offset.withLock { $0 = 0 }
            try await Patience.until {
                run.inbox.signal.send()
                return try await self.subjects(in: fold) == 1
            }
            await run.stop()
        }
    }

    @Test("an epoch begins when its first responder is heard, and once")
    func epochs() async throws {
        let fold = try FoldUnderTest()
        try await fold.run { run in
            run.inbox.epochs.told(SubjectEpoch(1), nowMilliseconds: 100)
            run.inbox.epochs.told(SubjectEpoch(2), nowMilliseconds: 200)
            run.inbox.epochs.told(SubjectEpoch(1), nowMilliseconds: 300)
            let store = try SQLiteOutcomeStore(path: fold.directory.store)
            try await Patience.until { try await store.epochs() == [100, 200] }
            await run.stop()
        }
        try await fold.run { run in
            run.inbox.epochs.told(SubjectEpoch(1), nowMilliseconds: 900)
            await run.stop()
        }
        #expect(try await SQLiteOutcomeStore(path: fold.directory.store).epochs() == [100, 200])
    }

    private func subjects(in fold: FoldUnderTest) async throws -> Int {
        try await DatabaseQueue(path: fold.directory.store).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM subject") ?? 0
        }
    }
}
