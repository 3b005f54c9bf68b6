import Records
import Foundation
import GRDB
import Journal
import SQLiteStorage
import Storage
import Synchronization
import Testing

@testable import Aggregator

@Suite("The fold service")
struct FoldServiceTests {
    private let fold: FoldUnderTest

    init() throws {
        fold = try FoldUnderTest()
    }

    @Test(
        "everything is counted once, across stops and restarts, from memory or from the journal",
        arguments: [true, false])
    func restarts(remembersCommits: Bool) async throws {
        let fold = try FoldUnderTest(remembersCommits: remembersCommits)
        for round in 0..<4 as Range<UInt128> {
            try fold.journal.append([round * 10, round * 10 + 1])
            try fold.journal.append([round * 10 + 2])
            try await fold.runToEnd()
            let expected = 3 * (Int(round) + 1)
            #expect(try await fold.counts() == .init(events: expected, subjects: expected))
        }
        try await fold.runToEnd()
        #expect(try await fold.counts() == .init(events: 12, subjects: 12))
    }

    @Test("what is committed while it runs is counted when it is told, and its progress shows")
    func signals() async throws {
        let journal = fold.journal
        let folds = Folds()
        try await fold.run(after: { folds.happened($0) }) { run in
            for number in 1...5 as ClosedRange<UInt128> {
                let position = try journal.append([number])
                run.inbox.somethingIsNew()
                try await Patience.until { run.progress.position == position }
            }
            await run.stop()
        }
        #expect(folds.count == 5)
        #expect(try await fold.counts() == .init(events: 5, subjects: 5))
    }

    @Test("the reports' age is that of what they lack, however long nothing came before")
    func age() async throws {
        let journal = fold.journal
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        try await fold.run(before: { number in if number == 1 { for await _ in gate { break } } }) { run in
            run.progress.committed()
            try journal.append([1])
            run.inbox.somethingIsNew()
            try await Patience.until { run.progress.age == .zero }
            let begin = ContinuousClock.now
            try journal.append([2])
            run.progress.committed()
            run.inbox.somethingIsNew()
            try await Patience.until { run.progress.age > .zero }
            // The age is of whole milliseconds.
            #expect(run.progress.age <= .now - begin + .milliseconds(1))
            opening.finish()
            try await Patience.until { run.progress.age == .zero }
            await run.stop()
        }
    }

    @Test("a fold that is under way when it is asked to stop is given up, and what it had is counted once")
    func givenUp() async throws {
        try fold.journal.append([1, 2])
        let (begins, begin) = AsyncStream.makeStream(of: Void.self)
        try await fold.run(
            before: { number in
                guard number == 0 else { return }
                begin.yield()
                while !Task.isCancelled { await Task.yield() }
            }
        ) { run in
            for await _ in begins { break }
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    @Test("what names a feature is counted under the rule version that it stands for, and answers about it too")
    func features() async throws {
        let site = DeclaredNames.Site(
            rules: [DimensionName("article-23"): .init()],
            features: [DimensionName("article-22"): DimensionName("article-23")])
        let declared = DeclaredNames(sites: [DimensionName("default"): site])
        try fold.journal.append([1, 2])
        let last = fold.journal.lastPosition
        let entry = TallyEntry(
            kind: .init(
                site: "default", door: .conversions, status: 401, reason: "expired",
                outcome: .init(ruleID: "article-22", outcomeID: "graph/1#1")), count: 3)
        try await fold.run(declared: { declared }) { run in
            try await Patience.until { run.progress.position == last }
            run.inbox.told([entry], nowMilliseconds: 1_700_000_000_000)
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 0, subjects: 0))
        #expect(try await fold.counts(of: "article-23") == .init(events: 2, subjects: 2))
        #expect(try await fold.answers(about: "article-22") == 0)
        #expect(try await fold.answers(about: "article-23") == 3)
    }

    @Test("all is counted up to when the first commit was made that is not folded, after a restart too")
    func countedUntil() async throws {
        let (minute, now): (Int64, Int64) = (60_000, 1_700_000_000_000)
        let clock = SoundClock(last: now, wall: { now }, elapsed: { 0 })
        for number in 0..<3 as Range<UInt128> {
            try fold.journal.append(
                batch: Sample.bytes([number]), recordCount: 1, nowMilliseconds: now - (3 - Int64(number)) * minute)
        }
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        let recovered = try await Recovery(journal: fold.journal, store: store, storePath: fold.directory.store)
        let progress = FoldProgress(
            recovered.folded, unfoldedSinceMilliseconds: recovered.unfoldedSinceMilliseconds, clock: clock)
        // Less the time that a request may have been under way.
        #expect(progress.countedUntilMilliseconds == now - 3 * minute - 10_000)
        #expect(progress.age == .milliseconds(3 * minute))
        let rows = try fold.journal.rows(after: fold.journal.start)
        progress.set(rows[1].position, committedMilliseconds: rows[1].committedMilliseconds)
        #expect(progress.countedUntilMilliseconds == now - 2 * minute - 10_000)
        progress.set(rows[2].position, committedMilliseconds: rows[2].committedMilliseconds)
        progress.catchUp(to: now) { fold.journal.lastPosition }
        #expect(progress.countedUntilMilliseconds == now - 10_000)
        try await fold.runToEnd()
        let later = try await Recovery(journal: fold.journal, store: store, storePath: fold.directory.store)
        #expect(later.unfoldedSinceMilliseconds == nil)
        progress.committed()
        #expect(progress.countedUntilMilliseconds == now - 10_000)
    }

    @Test("a store that another process holds is tried again until it is free")
    func locked() async throws {
        let last = try fold.journal.append([1, 2])
        let other = try HeldDatabase(path: fold.directory.store)
        let log = fold.log
        let hold: InterceptedStore.Hook = { number in
            if number == 0 { try? other.hold() }
        }
        try await fold.run(before: hold) { run in
            try await Patience.until { log.lines.contains { $0.contains("another process holds the file") } }
            #expect(run.progress.position != last)
            try other.release()
            try await Patience.until { run.progress.position == last }
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    @Test("what was committed before it started needs no telling")
    func beforeStart() async throws {
        let last = try fold.journal.append([1, 2])
        try await fold.run { run in
            try await Patience.until { run.progress.position == last }
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    @Test("what is committed up to the moment it is asked to stop is counted before it ends")
    func lastCommits() async throws {
        let journal = fold.journal
        try journal.append([1])
        try await fold.run { run in
            try await Patience.until { run.progress.position == journal.lastPosition }
            // Nobody tells of this one.
            try journal.append([2])
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    /// When the first or the second fold is the last thing that the process does: before it is stored or after, and how
    /// many records are counted by then.
    private static let deaths: [(fold: Int, isStored: Bool, counted: Int)] = [
        (0, false, 0), (0, true, 2), (1, false, 2), (1, true, 3),
    ]

    @Test("whether it dies before or after a fold is stored, the next start counts each record once", arguments: deaths)
    func death(deadly: Int, isStored: Bool, counted: Int) async throws {
        let journal = fold.journal
        let death = StorageError.inputOutput(store: "store", reason: "the disk is gone")
        try journal.append([1, 2])
        let error = await #expect(throws: StorageError.self) {
            try await fold.run(
                before: { number throws(StorageError) in
                    if !isStored, number == deadly { throw death }
                },
                after: { number throws(StorageError) in
                    if isStored, number == deadly { throw death }
                    _ = try? journal.append([3])
                }
            ) { run in
                guard deadly == 1 else { return }
                try await Patience.until { journal.lastPosition.sequence == 2 }
                run.inbox.somethingIsNew()
            }
        }
        #expect(error == death)
        #expect(try await fold.counts() == .init(events: counted, subjects: counted))
        try await fold.runToEnd()
        #expect(try await fold.counts() == .init(events: deadly + 2, subjects: deadly + 2))
    }

    @Test("cancelled in the middle, it ends, and the next start counts each record once")
    func cancelled() async throws {
        try fold.journal.append([1, 2])
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        // Nothing is ever sent here, so that only the cancellation ends the waiting for it.
        let (never, silence) = AsyncStream.makeStream(of: Void.self)
        let fold = fold
        let running = Task {
            try await fold.run(
                before: { _ in
                    start.yield()
                    for await _ in never {}
                    withExtendedLifetime(silence) {}
                }
            ) { _ in }
        }
        for await _ in started { break }
        running.cancel()
        _ = await running.result
        try await fold.runToEnd()
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    @Test("a store without room is tried again, and counts once it has room")
    func full() async throws {
        let last = try fold.journal.append([1, 2])
        let start = fold.journal.start
        try await fold.run(
            before: { number throws(StorageError) in
                if number < 2 { throw .full(store: "store.sqlite") }
            }
        ) { run in
            try await Patience.until { run.progress.position != start }
            #expect(run.progress.position == last)
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
        let lines = fold.log.lines.filter { $0.hasPrefix("error: ") }
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.hasPrefix("error: store.sqlite: no room") })
    }

    @Test("a damaged store is told of and tried again, and keeps nobody from recording")
    func damaged() async throws {
        let last = try fold.journal.append([1, 2])
        let log = fold.log
        try await fold.run(
            before: { number throws(StorageError) in
                if number < 1 { throw .damaged(store: "store.sqlite", reason: "the file is damaged") }
            }
        ) { run in
            try await Patience.until { run.progress.position == last }
            #expect(log.lines.contains { $0.contains("run `rule-outcomes recount`") })
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    @Test("a store without room does not keep it from stopping; the next start counts")
    func stopWhileFull() async throws {
        try fold.journal.append([1, 2])
        try await fold.run(before: { _ throws(StorageError) in throw .full(store: "store.sqlite") }) { run in
            await run.stop()
        }
        #expect(try await fold.counts() == .init(events: 0, subjects: 0))
        try await fold.runToEnd()
        #expect(try await fold.counts() == .init(events: 2, subjects: 2))
    }

    @Test("a commit that is broken ends it with an error that names the commit")
    func broken() async throws {
        let (journal, path) = (fold.journal, fold.directory.journal)
        try journal.append([1])
        let error = await #expect(throws: JournalError.self) {
            try await fold.run { run in
                try await Patience.until { run.progress.position == journal.lastPosition }
                try journal.append([2])
                try await DatabaseQueue(path: path).write { database in
                    try database.execute(
                        sql: "UPDATE commits SET batch = ? WHERE sequence = 2", arguments: [Data(Sample.bytes([3]))])
                }
                run.inbox.somethingIsNew()
            }
        }
        guard case .broken(path, 2, _) = error else { throw try #require(error) }
    }

    @Test("a commit whose records cannot be read ends it with an error that names the commit")
    func unreadable() async throws {
        let (journal, path) = (fold.journal, fold.directory.journal)
        let error = await #expect(throws: RecoveryError.self) {
            try await fold.run { run in
                try journal.append(batch: [1], recordCount: 1, nowMilliseconds: WallClock.nowMilliseconds())
                run.inbox.somethingIsNew()
            }
        }
        guard case .unreadable(path, 1, _) = error else { throw try #require(error) }
    }

    @Test("times from before and after all calendars are counted like any others")
    func extremeTimes() async throws {
        let records = [Int64.min, -1, 0, .max].enumerated().map { Sample.record(UInt128($0.offset), at: $0.element) }
        try fold.journal.append(
            batch: Sample.bytes(records), recordCount: records.count, nowMilliseconds: WallClock.nowMilliseconds())
        try await fold.runToEnd()
        #expect(try await fold.counts() == .init(events: 4, subjects: 4))
    }

    /// Counts the folds that were stored.
    private final class Folds: Sendable {
        private let numbers = Mutex<[Int]>([])

        var count: Int {
            numbers.withLock { $0.count }
        }

        func happened(_ number: Int) {
            numbers.withLock { $0.append(number) }
        }
    }
}
