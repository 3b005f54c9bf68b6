import Records
import Storage
import Testing

extension StorageConformance {
    private static let rule = RulePart(site: "site", ruleID: "rule")

    private static func note(_ parts: RulePart...) -> Deletion {
        Deletion(Set(parts), through: 1)
    }

    /// Purges to the end; returns how many rows went.
    private static func purge(_ store: any OutcomeStore, rowsMax: Int = 2) async throws -> Int {
        var (count, place): (Int, ExpiryPlace?) = (0, nil)
        repeat {
            let step = try await store.purge(from: place, rowsMax: rowsMax)
            count += step.removed
            place = step.next
        } while place != nil
        return count
    }

    private static let answer = GivenAnswers(
        site: DimensionName("site"),
        outcome: GivenAnswers.Outcome(rule: DimensionName("rule"), outcome: DimensionName("outcome")),
        kind: AnswerKind(door: .conversions, status: 201, reason: "durable"), quarter: Quarter(0), count: 1)

    static let tidying = [
        StorageConformance(description: "what is hidden is counted on, marked in the list, and shown again") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1), Fixture.record(1, rule: "other")]], into: store)
            let outcome = RulePart(site: "site", ruleID: "other", outcomeID: "outcome")
            #expect(try await store.setHidden(true, [rule, outcome]) == 2)
            #expect(try await store.setHidden(true, [rule]) == 0)
            #expect(try await store.hiddenParts() == [rule, outcome])
            // Of an outcome it is no mark of its rule version.
            let hidden = try await store.rules(site: "site").filter(\.isHidden)
            #expect(hidden.map(\.rule) == [DimensionName("rule")])
            try await store.fold([Fixture.record(2)], advancingTo: Fixture.position(2))
            #expect(try await store.outcomes()?[0].conversions.map(\.events) == [2])
            #expect(try await store.setHidden(false, [rule, outcome]) == 2)
            #expect(try await store.setHidden(false, [rule]) == 0)
            #expect(try await store.rules(site: "site").allSatisfy { !$0.isHidden })
        },
        StorageConformance(description: "a deleted rule version is gone at once, its place is free, and it counts anew")
        {
            kind in
            let store = try await kind.open(DimensionLimits(rulesPerSiteMax: 2))
            let records = (1...9).map { Fixture.record($0) } + [Fixture.record(1, rule: "kept")]
            try await store.fold(records, advancingTo: Fixture.position(1))
            try await store.note([answer])
            _ = try await store.setHidden(true, [rule, RulePart(site: "site", ruleID: "rule", outcomeID: "outcome")])
            #expect(try await store.delete([rule, RulePart(site: "site", ruleID: "none")], noting: note(rule)) == 1)
            #expect(try await store.rules(site: "site").map(\.rule) == [DimensionName("kept")])
            #expect(try await store.outcomes() == nil)
            #expect(try await store.answers(site: "site", rule: DimensionName("rule"), in: { _ in [.all] }) == nil)
            #expect(try await store.hiddenParts() == [])
            #expect(try await store.dimensionUse().map(\.rules) == [1])
            // Before anything is purged.
            try await store.fold(
                [Fixture.record(1), Fixture.record(1, rule: "third")], advancingTo: Fixture.position(2))
            #expect(try await store.outcomes()?[0].conversions.map(\.converters) == [1])
            #expect(try await store.rules(site: "site").contains { $0.rule == .other })
            #expect(try await purge(store) > 9)
            #expect(try await purge(store) == 0)
            #expect(try await store.outcomes()?[0].conversions.map(\.converters) == [1])
            #expect(try await store.outcomes(rule: DimensionName("kept"))?[0].conversions.map(\.events) == [1])
            // One row for each of the three, and none of what was deleted.
            #expect(try await store.forget([Subject(1)]) == 3)
            #expect(try await store.forget((2...9).map { Subject($0) }) == 0)
        },
        StorageConformance(description: "a deleted outcome leaves the counts of all others as if it had never been") {
            kind in
            let (store, pure) = (try await kind.open(DimensionLimits()), try await kind.open(DimensionLimits()))
            let junk = RulePart(site: "site", ruleID: "rule", outcomeID: "junk")
            let kept: [Record] = (1...9).flatMap { subject in
                [Fixture.record(subject, conversion: nil), Fixture.record(subject, at: 2000)]
            }
            let mixed = kept + (5...14).map { Fixture.record($0, outcome: "junk", conversion: nil) }
            let more = (1...12).map { Fixture.record($0, at: 9_000_000, conversion: "CUSTOMER") }
            try await store.fold(
                mixed + [Fixture.record(6, outcome: "junk")], advancingTo: Fixture.position(1))
            try await pure.fold(kept, advancingTo: Fixture.position(1))
            #expect(try await store.delete([junk], noting: note(junk)) == 1)
            #expect(try await store.outcomes() == pure.outcomes())
            // While it is purged, too.
            _ = try await store.purge(from: nil, rowsMax: 3)
            for each in [store, pure] { try await each.fold(more, advancingTo: Fixture.position(2)) }
            #expect(try await store.outcomes() == pure.outcomes())
            #expect(try await purge(store) > 0)
            #expect(try await store.outcomes() == pure.outcomes())
            #expect(try await store.rules(site: "site") == pure.rules(site: "site"))
            for each in [store, pure] {
                try await each.fold(
                    [Fixture.record(5, at: 9_500_000, outcome: "junk", conversion: nil)],
                    advancingTo: Fixture.position(3))
            }
            #expect(try await store.outcomes() == pure.outcomes())
            #expect(try await store.rules(site: "site") == pure.rules(site: "site"))
            // Who had met nothing but the outcome is there no more.
            #expect(try await store.forget([Subject(13), Subject(14)]) == 0)
        },
        StorageConformance(description: "with its last outcome a rule version is deleted") { kind in
            let store = try await kind.open(DimensionLimits())
            try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(1))
            let part = RulePart(site: "site", ruleID: "rule", outcomeID: "outcome")
            #expect(try await store.delete([part], noting: note(part)) == 1)
            #expect(try await store.rules(site: "site") == [])
            #expect(try await store.dimensionUse().map(\.rules) == [0])
            #expect(try await purge(store) > 0)
            #expect(try await store.forget([Subject(1)]) == 0)
        },
        StorageConformance(description: "a deletion that is noted stays so until it is finished") { kind in
            let store = try await kind.open(DimensionLimits())
            #expect(try await store.unfinishedDeletion() == nil)
            let deletion = Deletion(
                [rule, RulePart(site: "site", ruleID: "feature"), RulePart(site: "s", ruleID: "é", outcomeID: "o")],
                through: 7)
            #expect(try await store.delete([rule], noting: deletion) == 0)
            #expect(try await store.unfinishedDeletion() == deletion)
            try await store.finishDeletion()
            #expect(try await store.unfinishedDeletion() == nil)
        },
    ]
}
