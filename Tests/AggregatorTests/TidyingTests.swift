import Foundation
import Journal
import Records
import SQLiteStorage
import Storage
import Testing
import TestSupport

@testable import Aggregator

@Suite("Tidying")
struct TidyingTests {
    private let fold: FoldUnderTest

    init() throws {
        fold = try FoldUnderTest()
    }

    private static let group = DeclaredGroup(
        name: "G",
        shares: ["a", "b"].map { DeclaredGroup.Share(outcome: DimensionName($0), weight: 1) },
        baseline: DimensionName("a"), conversion: DimensionName("CUSTOMER"))

    private static func declared(
        groups: [DeclaredGroup] = [], features: [String: String] = [:]
    ) -> DeclaredNames {
        let features = features.map { (DimensionName($0), DimensionName($1)) }
        return DeclaredNames(sites: [
            DimensionName("default"): DeclaredNames.Site(
                rules: groups.isEmpty ? [:] : [DimensionName("article-22"): DeclaredNames.Rule(groups: groups)],
                features: Dictionary(uniqueKeysWithValues: features))
        ])
    }

    /// How many exposures there are of each rule version.
    private func exposures() async throws -> [String: Int] {
        let rules = try await SQLiteOutcomeStore(path: fold.directory.store).rules(site: "default")
        return Dictionary(uniqueKeysWithValues: rules.map { ($0.rule.description, $0.exposures) })
    }

    private func removeStore() {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: fold.directory.store + suffix)
        }
    }

    @Test("a store that is made anew counts nothing of what was deleted, and all that came after it")
    func recounted() async throws {
        // More than one commit, and of several rule versions each.
        for number in 1...30 { try fold.append([1, 2, 3], rule: number % 3 == 0 ? "article-22" : "typo") }
        try await fold.run { [fold] run in
            #expect(await run.tidy(.delete, ["typo"]) == .done(1))
            try fold.append([4], rule: "typo")
            try await run.waitForFold(of: fold.journal, signalling: true)
            await run.stop()
        }
        #expect(try await exposures() == ["article-22": 30, "typo": 1])
        removeStore()
        try await fold.runToEnd()
        #expect(try await exposures() == ["article-22": 30, "typo": 1])
        #expect(fold.log.lines.contains { $0.contains("user 4711 asks to delete: 'typo' of 'default'") })
    }

    @Test("of a deleted outcome the same holds, and its rule version's others stay")
    func recountedOutcome() async throws {
        for outcome in ["a", "b", "junk"] { try fold.append([1, 2], outcome: outcome) }
        try await fold.run { [fold] run in
            #expect(await run.tidy(.delete, ["article-22"], outcome: "junk") == .done(1))
            try fold.append([2], outcome: "junk")
            try await run.waitForFold(of: fold.journal, signalling: true)
            await run.stop()
        }
        #expect(try await exposures() == ["article-22": 5])
        removeStore()
        try await fold.runToEnd()
        #expect(try await exposures() == ["article-22": 5])
    }

    @Test(
        "what came under a feature's id is deleted with the rule version that it stands for, and comes back with none")
    func feature() async throws {
        let declared = Self.declared(features: ["feature": "article-22"])
        try fold.append([1], rule: "feature")
        try fold.append([2], rule: "article-22")
        try fold.append([3], rule: "kept")
        try await fold.run(declared: { declared }) { run in
            #expect(await run.tidy(.delete, ["article-22"]) == .done(1))
            await run.stop()
        }
        removeStore()
        // Whatever it stands for by then.
        try await fold.runToEnd()
        #expect(try await exposures() == ["kept": 1])
    }

    @Test("what a declared group compares is neither deleted nor an outcome of it hidden")
    func grouped() async throws {
        try fold.append([1])
        try fold.append([1], outcome: "alone")
        let declared = Self.declared(groups: [Self.group])
        try await fold.run(declared: { declared }) { run in
            for answer in [
                await run.tidy(.delete, ["article-22"]), await run.tidy(.delete, ["article-22"], outcome: "b"),
                await run.tidy(.hide, ["article-22"], outcome: "a"),
            ] {
                guard case .declined(let reason) = answer else {
                    Issue.record("it is done")
                    continue
                }
                #expect(reason.contains("group 'G'") && reason.contains("take the group out"), "\(reason)")
            }
            #expect(await run.tidy(.hide, ["article-22"]) == .done(1))
            #expect(await run.tidy(.delete, ["article-22"], outcome: "alone") == .done(1))
            await run.stop()
        }
        #expect(try await exposures() == ["article-22": 1])
    }

    @Test("a deletion of which only the note is durable is done by the next process, in the journal, too")
    func noted() async throws {
        try fold.append([1, 2], rule: "typo")
        try fold.append([1], rule: "article-22")
        try await fold.runToEnd()
        let part = RulePart(site: "default", ruleID: "typo")
        let store = try SQLiteOutcomeStore(path: fold.directory.store)
        #expect(try await store.delete([part], noting: Deletion([part], through: 2)) == 1)
        try store.close()
        // What came after it counts, as it does without a death.
        try fold.append([3], rule: "typo")
        try await fold.run { [directory = fold.directory] run in
            try await Patience.until {
                try await SQLiteOutcomeStore(path: directory.store).unfinishedDeletion() == nil
            }
            await run.stop()
        }
        #expect(fold.log.lines.contains { $0.contains("a deletion that was under way") })
        #expect(try await SQLiteOutcomeStore(path: fold.directory.store).purge(from: nil, rowsMax: 10).removed == 0)
        #expect(try await exposures() == ["article-22": 1, "typo": 1])
        removeStore()
        try await fold.runToEnd()
        #expect(try await exposures() == ["article-22": 1, "typo": 1])
    }

    @Test("no more wait than may")
    func waiting() {
        let inbox = FoldInbox()
        let request = TidyRequest(tidying: Tidying(.hide, []), user: 0, progress: { _ in }, reply: { _ in })
        for _ in 1...FoldInbox.tidyingsMax { #expect(inbox.submit(request)) }
        #expect(!inbox.submit(request))
    }
}

extension FoldUnderTest.Run {
    /// - Parameter signalling: whether the service has not been told of what is new.
    fileprivate func waitForFold(of journal: Journal, signalling: Bool) async throws {
        if signalling { inbox.somethingIsNew() }
        try await waitForFold(of: journal)
    }
}
