import ClickHouseStorage
import Foundation
import Records
import Storage
import TestSupport
import Testing

extension ClickHouseTests {
    /// What no other store has to do: several aggregators count into it, each its own journal.
    @Suite("Several journals are counted into one ClickHouse store", .withClickHouse(.debian), .serialized)
    struct SeveralJournalsTests {
        /// An aggregator ends in the midst of some folds, and begins them anew with more records than they had.
        @Test(
            "all at once, cut off and begun anew, and every count is that of all their records",
            arguments: 0..<clickHouseSeedCount)
        func agreement(seed: UInt64) async throws {
            var random = SeededGenerator(seed: seed)
            let traffic = RandomTraffic(count: 3000, using: &random)
            var model = ReferenceModel()
            for record in traffic.records { model.add(record) }
            var shares = [[Record]](repeating: [], count: 3)
            for record in traffic.records { shares[Int.random(in: 0..<3, using: &random)].append(record) }

            let databases = try await WithClickHouse.databases()
            try await withThrowingTaskGroup { group in
                for (index, records) in shares.enumerated() {
                    let seed = UInt64.random(in: .min ... .max, using: &random)
                    group.addTask {
                        try await Self.count(records, ofJournal: UInt128(index + 1), into: databases, seed: seed)
                    }
                }
                try await group.waitForAll()
            }
            let store = try await WithClickHouse.open(databases)
            try await StorageConformance.expectAgreement(store, model, seed: seed, using: &random)
        }

        @Test("names are told apart by both, and one that is deleted by one is gone for the other, who counts it anew")
        func names() async throws {
            let databases = try await WithClickHouse.databases()
            let first = try await WithClickHouse.open(databases, journalID: 1)
            let second = try await WithClickHouse.open(databases, journalID: 2)
            for (store, journal) in [(first, 1), (second, 2)] as [(ClickHouseOutcomeStore, UInt128)] {
                try await store.fold([Fixture.record(journal)], advancingTo: Fixture.position(1, journal: journal))
            }
            #expect(try await first.outcomes()?[0].conversions.map(\.converters) == [2])
            let part = RulePart(site: "site", ruleID: "rule")
            #expect(try await first.delete([part], noting: Deletion([part], through: 1)) == 1)
            #expect(try await second.outcomes() == nil)
            try await second.fold([Fixture.record(2)], advancingTo: Fixture.position(2, journal: 2))
            #expect(try await first.outcomes()?[0].conversions.map(\.converters) == [1])
            #expect(try await first.position() == Fixture.position(1, journal: 1))
            #expect(try await second.position() == Fixture.position(2, journal: 2))
        }

        @Test("what one declares holds for all, and who has not changed its declaration changes nothing")
        func declarations() async throws {
            let databases = try await WithClickHouse.databases()
            let first = try await WithClickHouse.open(databases, journalID: 1)
            var second = try await WithClickHouse.open(databases, journalID: 2)
            func groups(_ windows: Int...) -> DeclaredNames {
                let shares = ["a", "b"].map { DeclaredGroup.Share(outcome: DimensionName($0), weight: 1) }
                let groups = windows.map {
                    DeclaredGroup(
                        name: "\($0) days", shares: shares, baseline: shares[0].outcome,
                        conversion: DimensionName("REGISTERED"), windowDays: $0)
                }
                let rule = DeclaredNames.Rule(outcomes: Set(shares.map(\.outcome)), groups: groups)
                return DeclaredNames(sites: [
                    DimensionName("site"): DeclaredNames.Site(rules: [DimensionName("rule"): rule])
                ])
            }
            func inForce() async throws -> [String] {
                let report = try await first.report(site: "site", rule: DimensionName("rule"), in: [.all])
                return (report?.terms.groups ?? []).map { "\($0.group.name) from \($0.start.number)" }
            }
            let quarter = Quarter.milliseconds
            try await first.declare(groups(7), nowMilliseconds: 10 * quarter)
            // A new host with a file of before.
            try await second.declare(groups(), nowMilliseconds: 20 * quarter)
            #expect(try await inForce() == ["7 days from 10"])
            try await second.declare(groups(7), nowMilliseconds: 30 * quarter)
            #expect(try await inForce() == ["7 days from 10"])
            try await first.declare(groups(14), nowMilliseconds: 40 * quarter)
            #expect(try await inForce() == ["14 days from 40"])
            // Started again before its file is brought up to date.
            second = try await WithClickHouse.open(databases, journalID: 2)
            try await second.declare(groups(7), nowMilliseconds: 50 * quarter)
            #expect(try await inForce() == ["14 days from 40"])
            try await second.declare(groups(14), nowMilliseconds: 60 * quarter)
            #expect(try await inForce() == ["14 days from 40"])
            try await second.declare(groups(), nowMilliseconds: 70 * quarter)
            #expect(try await inForce() == [])
        }

        @Test("records of a host with another subject secret wait, until it has that of the others")
        func epochs() async throws {
            let databases = try await WithClickHouse.databases()
            var stores: [ClickHouseOutcomeStore] = []
            for journal in 1...2 {
                stores.append(try await WithClickHouse.open(databases, journalID: UInt128(journal)))
            }
            func fold(_ index: Int, _ sequence: Int64) async throws {
                try await stores[index].fold(
                    [Fixture.record(1)], advancingTo: Fixture.position(sequence, journal: UInt128(index + 1)))
            }
            func expectWaiting(_ index: Int, _ sequence: Int64) async throws {
                let error = await #expect(throws: StorageError.self) { try await fold(index, sequence) }
                #expect(error?.isTemporary == true)
                #expect("\(try #require(error))".contains("subject secret"))
            }
            try await stores[0].note(SubjectEpoch(11), fromMilliseconds: 1000)
            try await fold(0, 1)
            // A host that is added with a secret of its own stops nobody but itself.
            try await stores[1].note(SubjectEpoch(22), fromMilliseconds: 2000)
            try await expectWaiting(1, 1)
            try await fold(0, 2)
            try await stores[1].note(SubjectEpoch(11), fromMilliseconds: 3000)
            try await fold(1, 1)
            // The secret is changed, on one host after the other.
            try await stores[0].note(SubjectEpoch(33), fromMilliseconds: 4000)
            try await fold(0, 3)
            try await expectWaiting(1, 2)
            try await stores[1].note(SubjectEpoch(33), fromMilliseconds: 5000)
            try await fold(1, 2)
            #expect(try await stores[0].subjectEpochs() == [SubjectEpoch(11), SubjectEpoch(33)])
            #expect(try await stores[1].epochs() == [1000, 4000])
            #expect(try await stores[0].outcomes()?[0].conversions.map(\.events) == [5])
        }

        @Test("what is to be erased or lost is told to the aggregator that was asked, and to nobody else")
        func notes() async throws {
            let databases = try await WithClickHouse.databases()
            let first = try await WithClickHouse.open(databases, journalID: 1)
            let second = try await WithClickHouse.open(databases, journalID: 2)
            try await first.noteErasure(of: [Subject(1)])
            #expect(try await second.unfinishedErasure() == nil)
            try await second.noteErasure(of: [Subject(2)])
            _ = try await second.forget([Subject(2)])
            #expect(try await second.overwriteForgotten(again: false) == nil)
            try await second.finishErasure()
            #expect(try await second.unfinishedErasure() == nil)
            #expect(try await first.unfinishedErasure() == [Subject(1)])

            let part = RulePart(site: "site", ruleID: "rule")
            let deletions = (1...2).map { Deletion([part], through: $0) }
            _ = try await first.delete([part], noting: deletions[0])
            #expect(try await second.unfinishedDeletion() == nil)
            _ = try await second.delete([part], noting: deletions[1])
            try await second.finishDeletion()
            #expect(try await first.unfinishedDeletion() == deletions[0])
        }

        @Test("a deletion that is cut off anywhere was either not begun or is finished at the next start")
        func deletionCutOff() async throws {
            let databases = try await WithClickHouse.databases()
            let part = RulePart(site: "site", ruleID: "rule")
            var store = try await WithClickHouse.open(databases, journalID: 1)
            var (milliseconds, sequence, hasHappened) = (0.0, Int64(0), false)
            while !hasHappened || sequence < 8 {
                sequence += 1
                try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(sequence, journal: 1))
                let before = try await store.outcomes()
                milliseconds = milliseconds * 1.3 + 0.5
                let deletion = Task { [store, sequence] in
                    try await store.delete([part], noting: Deletion([part], through: sequence))
                }
                try await Task.sleep(for: .milliseconds(milliseconds))
                deletion.cancel()
                _ = try? await deletion.value
                store = try await WithClickHouse.open(databases, journalID: 1)
                let unfinished = try await store.unfinishedDeletion()
                hasHappened = unfinished != nil
                #expect(unfinished?.sequence == (hasHappened ? sequence : nil))
                #expect(try await store.outcomes() == (hasHappened ? nil : before))
                try await store.finishDeletion()
            }
        }

        @Test("servers in another order, or named twice, are refused")
        func order() async throws {
            let databases = try await WithClickHouse.databases()
            _ = try await WithClickHouse.open(databases)
            for wrong in [databases.reversed(), [databases[0]], [databases[0], databases[0]]] {
                let error = await #expect(throws: StorageError.self) { try await WithClickHouse.open(wrong) }
                #expect("\(try #require(error))".contains("in the order in which they were"))
            }
        }

        /// What an aggregator does: it folds what is not folded yet, in parts, and after a death asks how far it had come.
        private static func count(
            _ records: [Record], ofJournal journalID: UInt128, into databases: [ClickHouseAddress], seed: UInt64
        ) async throws {
            var random = SeededGenerator(seed: seed)
            var store = try await WithClickHouse.open(databases, journalID: journalID)
            var done = 0
            while done < records.count {
                let end = min(records.count, done + Int.random(in: 1...400, using: &random))
                let part = RecordBatch(records[done..<end])
                let isCutOff = Bool.random(using: &random)
                let fold = Task { [store] in
                    try await store.fold(
                        part, declared: .none, advancingTo: Fixture.position(Int64(end), journal: journalID),
                        over: .zero)
                }
                if isCutOff {
                    try await Task.sleep(for: .microseconds(Int.random(in: 0...8000, using: &random)))
                    fold.cancel()
                }
                do {
                    _ = try await fold.value
                } catch StorageError.cancelled where Bool.random(using: &random) {
                    // It goes on from where it was, though ClickHouse may have all of the fold.
                    continue
                } catch StorageError.cancelled, StorageError.positionRefused {
                    store = try await WithClickHouse.open(databases, journalID: journalID)
                }
                done = max(done, Int(try await store.position()?.sequence ?? 0))
            }
        }
    }
}
