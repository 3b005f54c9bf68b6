import Records
import Storage
import Testing

extension StorageConformance {
    private static let day = CountingWindow.dayMilliseconds

    /// Expires to the end; returns how many were erased.
    private static func expire(
        _ store: any OutcomeStore, before cutoffs: [DimensionName: Int64] = [:], otherwise: Int64 = .min,
        rowsMax: Int = 3
    ) async throws -> Int {
        var (count, place): (Int, ExpiryPlace?) = (0, nil)
        repeat {
            let step = try await store.expire(
                lastSeenBefore: cutoffs, otherwise: otherwise, from: place, rowsMax: rowsMax)
            count += step.erased
            place = step.next
        } while place != nil
        return count
    }

    static let expiring = [
        StorageConformance(description: "who was last seen too long ago is erased, and stays counted") { kind in
            let store = try await kind.open(DimensionLimits())
            // Of 20 subjects, spread over all of their bits, each second one comes again later, under one rule version.
            let subjects = (0..<20).map { UInt128($0) * (.max / 20) }
            let records = subjects.enumerated().flatMap { index, subject in
                [
                    Fixture.record(subject, conversion: nil), Fixture.record(subject, at: 2000),
                    Fixture.record(subject, at: 2000 + Quarter.milliseconds, conversion: nil),
                    Fixture.record(subject, at: 5000, rule: "other"),
                    Fixture.record(subject, at: index % 2 == 0 ? 3000 : 9 * day, conversion: "CUSTOMER"),
                ]
            }
            try await store.fold(records, advancingTo: Fixture.position(1))
            let before = try await store.outcomes()
            let spans = (0...9).map { Quarter($0 * 96)..<Quarter(($0 + 1) * 96) }
            let active = try await store.activity(site: "site", rule: DimensionName("rule")) { _ in spans }
            #expect(try await expire(store, otherwise: 0) == 0)
            #expect(try await expire(store, otherwise: day) == 30)
            #expect(try await expire(store, otherwise: day) == 0)
            #expect(try await store.outcomes() == before)
            #expect(try await store.activity(site: "site", rule: DimensionName("rule")) { _ in spans } == active)
            // Counted anew, who was erased; the others are known.
            try await store.fold(
                subjects.map { Fixture.record($0, at: 9 * day, conversion: nil) }, advancingTo: Fixture.position(2))
            #expect(try await store.outcomes()?.map(\.exposed) == [30])
            #expect(try await store.forget(subjects.map { Subject($0) }) == 20)
        },
        StorageConformance(description: "each site keeps subjects for its own time, and one without for the common") {
            kind in
            let store = try await kind.open(DimensionLimits())
            let sites = ["long", "short", "common"]
            try await store.fold(
                sites.map { Fixture.record(1, at: 10 * day, site: $0) }, advancingTo: Fixture.position(1))
            let cutoffs = [DimensionName("long"): 5 * day, DimensionName("short"): 20 * day]
            #expect(try await expire(store, before: cutoffs, otherwise: 5 * day) == 1)
            #expect(try await expire(store, before: cutoffs, otherwise: 20 * day) == 1)
            #expect(try await store.forget([Subject(1)]) == 1)
        },
        StorageConformance(description: "who has met an outcome of a group in force stays until it is in force no more")
        { kind in
            let store = try await kind.open(DimensionLimits())
            let shares = ["a", "b"].map { DeclaredGroup.Share(outcome: DimensionName($0), weight: 1) }
            let group = DeclaredGroup(
                name: "group", shares: shares, baseline: shares[0].outcome, conversion: DimensionName("REGISTERED"))
            let rule = DeclaredNames.Rule(outcomes: Set(shares.map(\.outcome)), groups: [group])
            let declared = { (rule: DeclaredNames.Rule) in
                DeclaredNames(sites: [DimensionName("site"): DeclaredNames.Site(rules: [DimensionName("rule"): rule])])
            }
            try await store.declare(declared(rule), nowMilliseconds: 0)
            let records = ["a", "b", "c"].enumerated().map {
                Fixture.record(UInt128($0), at: day, outcome: $1, conversion: nil)
            }
            try await store.fold(records, declared: declared(rule), advancingTo: Fixture.position(1))
            #expect(try await expire(store, otherwise: 2 * day) == 1)
            #expect(try await store.outcomes()?.map(\.groupExposed) == [1, 1, 0])
            // Erased on request, and counted for the group as long as that is in force.
            #expect(try await store.forget([Subject(0)]) == 1)
            #expect(try await store.outcomes()?.map(\.groupExposed) == [1, 1, 0])
            try await store.declare(declared(DeclaredNames.Rule()), nowMilliseconds: 3 * day)
            #expect(try await expire(store, otherwise: 2 * day) == 1)
            #expect(try await store.outcomes()?.map(\.exposed) == [1, 1, 1])
            try await store.declare(declared(rule), nowMilliseconds: 3 * day)
            #expect(try await store.outcomes()?.map(\.groupExposed) == [0, 0, 0])
        },
    ]
}
