import Records
import Storage
import Testing

extension StorageConformance {
    private static let day = CountingWindow.dayMilliseconds
    private static let now: Int64 = 1_700_000_000_000

    private static func group(
        conversion: String = "REGISTERED", weights: (Int, Int) = (1, 1), windowDays: Int = 7,
        guardrails: KeyValuePairs<String, Double> = [:]
    ) -> DeclaredGroup {
        DeclaredGroup(
            name: "group",
            shares: [
                DeclaredGroup.Share(outcome: DimensionName("a"), weight: weights.0),
                DeclaredGroup.Share(outcome: DimensionName("b"), weight: weights.1),
            ], baseline: DimensionName("a"), conversion: DimensionName(conversion), windowDays: windowDays,
            guardrails: guardrails.map {
                DeclaredGroup.Guardrail(conversion: DimensionName($0.key), margin: $0.value)
            })
    }

    private static func declared(_ groups: [DeclaredGroup], windowDays: Int = 7) -> DeclaredNames {
        let rule = DeclaredNames.Rule(
            outcomes: [DimensionName("a"), DimensionName("b")], conversions: [DimensionName("REGISTERED")],
            groups: groups)
        return DeclaredNames(sites: [
            DimensionName("site"): DeclaredNames.Site(rules: [DimensionName("rule"): rule], windowDays: windowDays)
        ])
    }

    /// An exposure where `conversion` is nil.
    private static func event(
        _ subject: UInt128, _ outcome: String, _ conversion: String? = nil, after milliseconds: Int64
    ) -> Record {
        Fixture.record(subject, at: now + milliseconds, outcome: outcome, conversion: conversion)
    }

    /// Of the rule's outcomes `a` and `b`, how many subjects the group has, how many of them crossed, and how many did a
    /// conversion.
    private static func groupCounts(
        _ store: any OutcomeStore, _ conversion: String = "REGISTERED"
    ) async throws -> [[Int]] {
        try #require(try await store.outcomes()).map { outcome in
            let counted = outcome.conversions.first { $0.conversion == DimensionName(conversion) }
            return [outcome.groupExposed, outcome.groupCrossed, counted?.groupConverted ?? 0]
        }
    }

    static let comparing = [
        StorageConformance(
            description: "a conversion belongs to an exposure from half an hour before to a window after"
        ) { kind in
            let store = try await kind.open(DimensionLimits())
            let offsets: [Int64] = [-1_800_001, -1_800_000, 0, 7 * day, 7 * day + 1]
            let records = offsets.enumerated().flatMap { index, offset in
                [
                    event(UInt128(index), "a", after: 0), event(UInt128(index), "a", "REGISTERED", after: offset),
                ]
            }
            for (index, record) in records.shuffled().enumerated() {
                try await store.fold([record], advancingTo: Fixture.position(Int64(index + 1)))
            }
            let outcome = try #require(try await store.outcomes()?.first)
            #expect(outcome.exposed == 5)
            #expect(
                outcome.conversions == [
                    ConversionCounts(conversion: DimensionName("REGISTERED"), converted: 3, converters: 5, events: 5)
                ])
        },
        StorageConformance(
            description: "of two conversions in one quarter of an hour either may be the one within the window"
        ) { kind in
            let store = try await kind.open(DimensionLimits())
            let ends: [Int64] = [-1_800_001, 7 * day]
            let records = ends.enumerated().flatMap { index, end in
                [
                    event(UInt128(index), "a", after: 0), event(UInt128(index), "a", "REGISTERED", after: end),
                    event(UInt128(index), "a", "REGISTERED", after: end + 1),
                ]
            }
            try await store.fold(records, advancingTo: Fixture.position(1))
            let outcome = try #require(try await store.outcomes()?.first)
            #expect(
                outcome.conversions == [
                    ConversionCounts(conversion: DimensionName("REGISTERED"), converted: 2, converters: 2, events: 4)
                ])
        },
        StorageConformance(description: "a group begins with the quarter of an hour after it is declared") { kind in
            let store = try await kind.open(DimensionLimits())
            let start = Quarter(notBefore: now).startMilliseconds - now
            try await store.declare(declared([group()]), nowMilliseconds: now)
            let records = [event(1, "a", after: start - 1), event(2, "a", after: start)]
            try await store.fold(records, declared: declared([group()]), advancingTo: Fixture.position(1))
            #expect(try await groupCounts(store) == [[1, 0, 0], [0, 0, 0]])
            let report = try #require(
                try await store.report(site: "site", rule: DimensionName("rule"), in: [.all]))
            #expect(report.terms.groups == [GroupPeriod(group: group(), start: Quarter(notBefore: now))])
        },
        StorageConformance(description: "in a group the first outcome counts, whichever the conversion was under") {
            kind in
            let store = try await kind.open(DimensionLimits())
            try await store.declare(declared([group()]), nowMilliseconds: now)
            let records = [
                event(1, "a", after: 2 * day), event(1, "b", after: 3 * day),
                event(1, "b", "REGISTERED", after: 4 * day),
                event(2, "b", after: 2 * day), event(2, "b", "REGISTERED", after: 2 * day),
                event(3, "b", "REGISTERED", after: 2 * day), event(4, "b", "OTHER", after: 2 * day),
                event(4, "b", after: 2 * day),
            ]
            for (index, record) in records.shuffled().enumerated() {
                try await store.fold(
                    [record], declared: declared([group()]), advancingTo: Fixture.position(Int64(index + 1)))
            }
            #expect(try await groupCounts(store) == [[1, 1, 1], [2, 0, 1]])
        },
        StorageConformance(
            description: "a group's guardrails are counted as its primary conversion is, and stay with it"
        ) { kind in
            let store = try await kind.open(DimensionLimits())
            let guarded = group(guardrails: ["READ": 0.01, "NEVER": 0.02])
            try await store.declare(declared([guarded]), nowMilliseconds: now)
            let records = [
                event(1, "a", after: day), event(1, "b", after: 2 * day), event(1, "b", "READ", after: 3 * day),
                event(2, "b", after: day), event(2, "b", "READ", after: 9 * day),
                event(3, "b", after: day), event(3, "b", "READ", after: day), event(3, "b", "OTHER", after: day),
            ]
            for (index, record) in records.shuffled().enumerated() {
                try await store.fold(
                    [record], declared: declared([guarded]), advancingTo: Fixture.position(Int64(index + 1)))
            }
            #expect(try await groupCounts(store, "READ") == [[1, 1, 1], [2, 0, 1]])
            for none in ["REGISTERED", "NEVER", "OTHER"] {
                #expect(try await groupCounts(store, none).map { $0[2] } == [0, 0])
            }
            let reordered = group(guardrails: ["NEVER": 0.02, "READ": 0.01])
            try await store.declare(declared([reordered]), nowMilliseconds: now + 10 * day)
            #expect(try await groupCounts(store, "READ") == [[1, 1, 1], [2, 0, 1]])
            let report = try #require(try await store.report(site: "site", rule: DimensionName("rule"), in: [.all]))
            #expect(report.terms.groups.map(\.group) == [reordered])
            // Another margin is another question.
            let changed = group(guardrails: ["NEVER": 0.02, "READ": 0.02])
            try await store.declare(declared([changed]), nowMilliseconds: now + 10 * day)
            #expect(try await groupCounts(store, "READ") == [[0, 0, 0], [0, 0, 0]])
        },
        StorageConformance(
            description: "a group stays when declared again, renamed or reordered, and begins anew when changed"
        ) {
            kind in
            let store = try await kind.open(DimensionLimits())
            try await store.declare(declared([group()]), nowMilliseconds: now)
            try await store.fold([event(1, "a", after: day)], advancingTo: Fixture.position(1))
            try await store.declare(declared([group()]), nowMilliseconds: now + 2 * day)
            #expect(try await groupCounts(store).map { $0[0] } == [1, 0])
            let reordered = DeclaredGroup(
                name: "renamed", shares: group().shares.reversed(), baseline: group().baseline,
                conversion: group().conversion, windowDays: group().windowDays)
            try await store.declare(declared([reordered]), nowMilliseconds: now + 2 * day)
            #expect(try await groupCounts(store).map { $0[0] } == [1, 0])
            let report = try #require(try await store.report(site: "site", rule: DimensionName("rule"), in: [.all]))
            #expect(report.terms.groups.map(\.group) == [reordered])
            for changed in [group(conversion: "CUSTOMER"), group(weights: (1, 2)), group(windowDays: 8)] {
                try await store.declare(declared([changed]), nowMilliseconds: now + 2 * day)
                #expect(try await groupCounts(store).map { $0[0] } == [0, 0])
            }
            try await store.fold([event(2, "a", after: 4 * day)], advancingTo: Fixture.position(2))
            #expect(try await groupCounts(store).map { $0[0] } == [1, 0])
            try await store.declare(declared([]), nowMilliseconds: now + 5 * day)
            #expect(try await groupCounts(store).map { $0[0] } == [0, 0])
            #expect(try #require(try await store.outcomes()).map(\.exposed) == [2, 0])
        },
        StorageConformance(description: "where nothing is counted yet a window holds from the beginning") { kind in
            let store = try await kind.open(DimensionLimits())
            let declared = { (days: Int) in
                DeclaredNames(sites: [DimensionName("site"): DeclaredNames.Site(windowDays: days)])
            }
            for days in [3, 30] { try await store.declare(declared(days), nowMilliseconds: now) }
            try await store.fold(
                [event(1, "a", after: -20 * day), event(1, "a", "CUSTOMER", after: -10 * day)],
                advancingTo: Fixture.position(1))
            let report = try #require(try await store.report(site: "site", rule: DimensionName("rule"), in: [.all]))
            #expect(report.terms.windows == [WindowPeriod(start: Range<Quarter>.all.lowerBound, days: 30)])
            #expect(report.counts[0].flatMap(\.conversions).map(\.converted) == [1])
        },
        StorageConformance(description: "a new window holds for later exposures, and leaves what is counted") { kind in
            let store = try await kind.open(DimensionLimits())
            let before = [event(1, "a", after: 0), event(1, "a", "REGISTERED", after: 6 * day)]
            try await store.fold(before, advancingTo: Fixture.position(1))
            try await store.declare(declared([], windowDays: 2), nowMilliseconds: now)
            let after = [event(2, "a", after: 7 * day), event(2, "a", "REGISTERED", after: 10 * day)]
            try await store.fold(after, advancingTo: Fixture.position(2))
            #expect(try await store.outcomes()?.first?.conversions.first?.converted == 1)
            let report = try await store.report(site: "site", rule: DimensionName("rule"), in: [.all])
            #expect(report?.terms.windows.map(\.days) == [7, 2])
            #expect(report?.terms.windows.last?.start == Quarter(notBefore: now + 6 * day + 1))
        },
        StorageConformance(description: "of several windows that of the first exposure holds") { kind in
            let store = try await kind.open(DimensionLimits())
            var sequence: Int64 = 0
            func expose(_ subject: UInt128, after milliseconds: Int64) async throws {
                sequence += 1
                let records = [
                    event(subject, "a", after: milliseconds),
                    event(subject, "a", "REGISTERED", after: milliseconds + 5 * day),
                ]
                try await store.fold(records, advancingTo: Fixture.position(sequence))
            }
            try await expose(1, after: 0)
            for (index, days) in [2, 30, 1].enumerated() {
                let time = Int64(index + 1) * 10 * day
                try await store.declare(declared([], windowDays: days), nowMilliseconds: now + time)
                try await expose(UInt128(index + 2), after: time + day)
            }
            // Those of 7 days and of 30.
            #expect(try await store.outcomes()?.first?.conversions.first?.converted == 2)
            let ranges = (0...3).map { index in
                let start = Quarter(containing: now + Int64(index) * 10 * day).number
                return Quarter(start)..<Quarter(start + 200)
            }
            let report = try await store.report(site: "site", rule: DimensionName("rule"), in: ranges)
            #expect(report?.counts.map { $0[0].conversions[0].converted } == [1, 0, 1, 0])
        },
    ]
}
