import Foundation
import Journal
import Records
import SQLiteStorage
import Storage
import Synchronization
import Testing
import TestSupport

@testable import Aggregator

@Suite("Forgetting")
struct ForgettingTests {
    private let fold: FoldUnderTest

    init() throws {
        fold = try FoldUnderTest()
    }

    private func report(rule: String = "article-22") async throws -> [OutcomeCounts] {
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        return try await store.report(site: "default", rule: DimensionName(rule), in: [.all])?.counts[0] ?? []
    }

    @Test("who is forgotten is in no file any more, and stays counted")
    func forgotten() async throws {
        // Enough for rows to have moved from page to page.
        let all = (1...3000).map(FoldUnderTest.subject)
        for start in stride(from: 0, to: all.count, by: 300) { try fold.append(Array(all[start..<start + 300])) }
        try fold.append(all, conversion: "CUSTOMER")
        try await fold.run { run in
            try fold.append(Array(all.prefix(2)), conversion: "LATE")
            run.inbox.somethingIsNew()
            #expect(await run.erase(Array(all.prefix(100)) + [7]) == 100)
            for subject in all.prefix(100) {
                let places = try fold.places(of: subject)
                #expect(places.isEmpty, "\(String(subject, radix: 16))")
            }
            for subject in all.suffix(50) { #expect(try !fold.places(of: subject).isEmpty) }
            await run.stop()
        }
        let outcomes = try await report()
        #expect(outcomes.map(\.exposed) == [3000])
        #expect(outcomes[0].conversions.map(\.converted) == [3000, 2])
    }

    @Test("a store that is made anew from the journal has nothing of who was forgotten")
    func refolded() async throws {
        try fold.append([1, 2, 3])
        try await fold.run { run in
            #expect(await run.erase([2]) == 1)
            await run.stop()
        }
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: fold.directory.store + suffix)
        }
        try await fold.runToEnd()
        #expect(try await report().map(\.exposed) == [2])
    }

    @Test("what a visitor does while they are being erased is counted, and so is all they did before")
    func meanwhile() async throws {
        let subject = FoldUnderTest.subject(1)
        for _ in 1...20 { try fold.append([subject], conversion: "BEFORE") }
        try await fold.run { [fold] run in
            let count = await run.erase([subject]) { progress in
                // Behind what is folded, before the journal is gone through.
                guard progress.hasPrefix("erasing from the journal, commit 0 ") else { return }
                for _ in 1...20 { try? fold.append([subject], conversion: "DURING") }
            }
            #expect(count == 1)
            await run.stop()
        }
        let conversions = try await report().flatMap(\.conversions)
        #expect(conversions.map(\.events) == [20, 20])
        // They came again.
        #expect(try !fold.places(of: subject).isEmpty)
    }

    @Test(
        "a reader of either file is waited for, who it is is told, and rows are counted once, however often it is tried",
        arguments: ["journal", "store"])
    func readers(name: String) async throws {
        for rule in 1...5 { try fold.append([FoldUnderTest.subject(1)], rule: "rule \(rule)") }
        try await fold.run { run in
            let subject = FoldUnderTest.subject(1)
            let told = Told()
            let waiting = "waiting: a report is being read from \(name).sqlite"
            try await run.waitForFold(of: fold.journal)
            let reader = try HeldDatabase(path: "\(fold.directory.path)/\(name).sqlite")
            try reader.read()
            // Not `subject`, because an async closure that captures many values, a UInt128 among them, ends the process in
            // code of Swift 6.3.1 that is not optimised.
            let erasure = Task { await run.erase([FoldUnderTest.subject(1)]) { text in told.append(text) } }
            try await Patience.until { told.count(of: waiting) >= 2 }
            #expect(try !fold.places(of: subject).isEmpty)
            // All else goes on.
            try fold.append([FoldUnderTest.subject(2)])
            run.inbox.somethingIsNew()
            try await run.waitForFold(of: fold.journal)
            try reader.release()
            #expect(await erasure.value == 5)
            #expect(try fold.places(of: subject) == [])
            await run.stop()
        }
    }

    @Test("of two who ask at once each is told its own numbers")
    func atOnce() async throws {
        for rule in 1...3 { try fold.append([1, 2], rule: "rule \(rule)") }
        try fold.append([1], rule: "rule 4")
        try await fold.run { run in
            async let first = run.erase([1, 9])
            async let second = run.erase([2])
            async let third = run.erase([8])
            #expect(await [first, second, third] == [4, 3, 0])
            await run.stop()
        }
    }

    @Test("a process that ends midway leaves the erasure to the next one", arguments: [true, false])
    func resumed(isAskedAgain: Bool) async throws {
        let subjects = (1...200).map(FoldUnderTest.subject)
        try fold.append(subjects)
        let reader = try HeldDatabase(path: fold.directory.journal)
        try await fold.run { run in
            try await Patience.until { run.progress.position.sequence == 1 }
            try reader.read()
            _ = run.inbox.submit(
                ErasureRequest(
                    subjects: Set(subjects.map { Subject($0) }),
                    progress: { text in
                        if text.hasPrefix("waiting: ") { Task { await run.stop() } }
                    }, reply: { _ in Issue.record("it is not done") }))
        }
        #expect(try !fold.places(of: subjects[0]).isEmpty)
        try reader.release()
        try await fold.run { [directory = fold.directory] run in
            if isAskedAgain {
                #expect(await run.erase(subjects) == 0)
            } else {
                try await Patience.until {
                    try await SQLiteOutcomeStore(path: directory.store).unfinishedErasure() == nil
                }
            }
            await run.stop()
        }
        for subject in subjects.prefix(20) { #expect(try fold.places(of: subject) == []) }
        #expect(fold.log.lines.contains { $0.contains("goes on") })
    }

    @Test("no more wait than may, and there is room again once one is taken")
    func waiting() {
        let inbox = FoldInbox()
        let request = ErasureRequest(subjects: [], progress: { _ in }, reply: { _ in })
        for _ in 1...FoldInbox.erasuresMax { #expect(inbox.submit(request)) }
        #expect(!inbox.submit(request))
        #expect(inbox.takeErasure() != nil)
        #expect(inbox.submit(request))
    }

    @Test("a noted erasure is done by the next process, rows and all")
    func noted() async throws {
        let subject = FoldUnderTest.subject(1)
        try fold.append([subject])
        try await fold.runToEnd()
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        try await store.noteErasure(of: [Subject(subject)])
        try await fold.run { run in
            try await Patience.until { try await store.unfinishedErasure() == nil }
            await run.stop()
        }
        #expect(try fold.places(of: subject) == [])
        #expect(try await report().map(\.exposed) == [1])
    }
}

/// What a client was told, in order.
private final class Told: Sendable {
    private let texts = Mutex<[String]>([])

    func append(_ text: String) {
        texts.withLock { $0.append(text) }
    }

    func count(of text: String) -> Int {
        texts.withLock { texts in texts.count { $0 == text } }
    }
}
