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

@Suite("Keeping")
struct KeepingTests {
    @Test("folded commits go after seven days, but never the latest record ids")
    func shortened() async throws {
        let fold = try FoldUnderTest()
        for number in 1...10 as ClosedRange<UInt128> { try fold.append([number], daysAgo: 8) }
        try fold.append([11], daysAgo: 6)
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

    @Test("how far back commits are needed is looked up once, and not at each step")
    func lookingBack() async throws {
        let fold = try FoldUnderTest()
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        for number in 1...12 as ClosedRange<UInt128> { try fold.append([number], daysAgo: 8) }
        var upkeep = Upkeep(
            journal: fold.journal, store: store, disk: DiskQueue(label: "test"), recordIDsKept: 4, rowsAtOnce: 5,
            logger: LogRecorder().logger)
        func step() async throws -> Int64 {
            _ = try await upkeep.step(
                folded: fold.journal.lastPosition, declared: .none, nowMilliseconds: WallClock.nowMilliseconds())
            return fold.journal.start.sequence
        }
        #expect(try await step() == 5)
        for number in 1...12 as ClosedRange<UInt128> { try fold.append([number], daysAgo: 8) }
        #expect(try await step() == 8)
        #expect(try await step() == 8)
    }

    @Test("room of removed commits is given back once, and upkeep rests then")
    func room() async throws {
        let fold = try FoldUnderTest()
        for number in 1...40 as ClosedRange<UInt128> {
            try fold.journal.append(
                batch: [UInt8](repeating: 0, count: 1 << 20), recordCount: 1, nowMilliseconds: Int64(number))
        }
        let bytes = fold.journal.fileBytes
        let logs = LogRecorder()
        var upkeep = Upkeep(
            journal: fold.journal, store: try SQLiteOutcomeStore(path: fold.directory.store),
            disk: DiskQueue(label: "test"), recordIDsKept: 0, logger: logs.logger)
        var steps = 0
        while try await upkeep.step(
            folded: fold.journal.lastPosition, declared: .none, nowMilliseconds: WallClock.nowMilliseconds())
        {
            steps += 1
        }
        #expect(steps > 10)
        #expect(fold.journal.fileBytes < bytes / 2)
        #expect(logs.lines.contains { $0.contains("MiB of the disk back") })
    }

    @Test("subjects go when their site has kept them for long enough, and their counts stay")
    func expired() async throws {
        let fold = try FoldUnderTest()
        let old = (1...50).map(FoldUnderTest.subject)
        let young = (51...100).map(FoldUnderTest.subject)
        try fold.append(old, daysAgo: 31)
        try fold.append(young, daysAgo: 29)
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
        let subjects = (1...4).map(FoldUnderTest.subject)
        try fold.append(subjects, daysAgo: 31)
        try fold.append([subjects[0]], daysAgo: 5)
        try fold.append([subjects[1]], daysAgo: 5, conversion: "CUSTOMER")
        let declared = DeclaredNames(sites: [DimensionName("default"): .init(retentionDays: 30)])
        try await fold.run(declared: { declared }) { run in
            try await Patience.until { try await self.subjects(in: fold) == 2 }
            await run.stop()
        }
        for subject in subjects.prefix(2) { #expect(try !fold.places(of: subject).isEmpty) }
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
        try fold.append((1...3).map(FoldUnderTest.subject), daysAgo: 31)
        try fold.append([FoldUnderTest.subject(4)], daysAgo: 1)
        try await fold.run(declared: { site([group]) }) { run in
            try await Patience.until { try await self.subjects(in: fold) == 4 }
            await run.stop()
        }
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let cutoffs = [DimensionName("default"): WallClock.nowMilliseconds() - 30 * CountingWindow.dayMilliseconds]
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
        try fold.append((1...3).map(FoldUnderTest.subject), daysAgo: 31)
        try fold.append([FoldUnderTest.subject(4)])
        let now = WallClock.nowMilliseconds()
        let offset = Mutex(daysOff * CountingWindow.dayMilliseconds)
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
                run.inbox.somethingIsNew()
                return asked.withLock { $0 } > 10
            }
            #expect(try await self.subjects(in: fold) == 4)
            #expect(fold.journal.start.sequence == 0)
            offset.withLock { $0 = 0 }
            try await Patience.until {
                run.inbox.somethingIsNew()
                return try await self.subjects(in: fold) == 1
            }
            await run.stop()
        }
    }

    @Test("a clock that is believed, but far ahead of the last commit at the start, erases nobody on that day")
    func farAhead() async throws {
        let fold = try FoldUnderTest()
        try fold.append((1...3).map(FoldUnderTest.subject), daysAgo: 10)
        let clock = SoundClock(
            last: WallClock.nowMilliseconds(),
            wall: { WallClock.nowMilliseconds() + 25 * CountingWindow.dayMilliseconds })
        #expect(clock.reading.doubtMilliseconds == nil)
        let asked = Mutex(0)
        let declared = { @Sendable in
            asked.withLock { $0 += 1 }
            return DeclaredNames(sites: [DimensionName("default"): .init(retentionDays: 30)])
        }
        try await fold.run(declared: declared, clock: clock) { run in
            try await Patience.until {
                run.inbox.somethingIsNew()
                return asked.withLock { $0 } > 10
            }
            #expect(try await self.subjects(in: fold) == 3)
            #expect(fold.journal.start.sequence == 0)
            await run.stop()
        }
    }

    @Test("an epoch begins when its first responder is heard, and once")
    func epochs() async throws {
        let fold = try FoldUnderTest()
        try await fold.run { run in
            run.inbox.told(SubjectEpoch(1), nowMilliseconds: 100)
            run.inbox.told(SubjectEpoch(2), nowMilliseconds: 200)
            run.inbox.told(SubjectEpoch(1), nowMilliseconds: 300)
            let store = try SQLiteOutcomeStore(path: fold.directory.store)
            try await Patience.until { try await store.epochs() == [100, 200] }
            await run.stop()
        }
        try await fold.run { run in
            run.inbox.told(SubjectEpoch(1), nowMilliseconds: 900)
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
