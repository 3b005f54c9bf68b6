import Records
import Storage
import Testing

extension StorageConformance {
    static let counting = [
        StorageConformance(description: "an empty store has no sites, no rules and no reports") { kind in
            let store = try await kind.open(DimensionLimits())
            #expect(try await store.sites().isEmpty)
            #expect(try await store.rules(site: "site").isEmpty)
            #expect(try await store.outcomes() == nil)
        },
        StorageConformance(description: "a subject counts once per conversion, its events every time") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold(
                [
                    [Fixture.record(1, at: 5), Fixture.record(2, at: 6), Fixture.record(1, at: 7)],
                    [Fixture.record(1, at: 8), Fixture.record(3, at: 9)],
                    [Fixture.record(1, at: 8, conversion: "CUSTOMER")],
                ], into: store)
            #expect(
                try await conversions(store) == [
                    ConversionCounts(
                        conversion: DimensionName("CUSTOMER"), unattributed: 1, converters: 1, events: 1),
                    ConversionCounts(
                        conversion: DimensionName("REGISTERED"), unattributed: 3, converters: 3, events: 5),
                ])
        },
        StorageConformance(description: "subjects are told apart by all of their 16 bytes") { kind in
            let store = try await kind.open(DimensionLimits())
            let subjects: [UInt128] = [0, 1, 1 << 63, 1 << 64, 1 << 127, .max, .max - 1, UInt128(UInt64.max)]
            let records = subjects.map { Fixture.record($0) }
            try await Fixture.fold([records, records], into: store)
            #expect(try await conversions(store).map(\.converters) == [subjects.count])
        },
        StorageConformance(description: "a record that arrives late moves the first time back") { kind in
            let store = try await kind.open(DimensionLimits())
            let quarters = [500, 100, -7].map { $0 * Quarter.milliseconds }
            try await Fixture.fold(quarters.map { [Fixture.record(1, at: $0)] }, into: store)
            let buckets = [-7, 100, 500].map { Quarter($0)..<Quarter($0 + 1) }
            let series = try #require(
                try await store.series(site: "site", rule: DimensionName("rule")) { extent in
                    #expect(extent == Quarter(-7)..<Quarter(501))
                    return buckets
                })
            #expect(series.map { $0.content[0].conversions[0].converters } == [1, 0, 0])
            #expect(series.map { $0.content[0].conversions[0].events } == [1, 1, 1])
        },
        StorageConformance(description: "a site never sees another's, even with the same subjects and rules") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold(
                [[Fixture.record(1, site: "b"), Fixture.record(1, site: "a"), Fixture.record(2, site: "b")]],
                into: store)
            #expect(try await store.sites() == ["a", "b"])
            #expect(try await conversions(store, site: "a").map(\.converters) == [1])
            #expect(try await conversions(store, site: "b").map(\.converters) == [2])
            #expect(try await store.outcomes(site: "A") == nil)
        },
        StorageConformance(description: "a rule version without any exposure is told from one that is unknown") {
            kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold(
                [
                    [Fixture.record(1, rule: "converted"), Fixture.record(1, rule: "exposed", conversion: nil)],
                    [Fixture.record(2, rule: "exposed")],
                ], into: store)
            let known = { rule in try await store.hasExposures(site: "site", rule: DimensionName(rule)) }
            #expect(try await known("converted") == false)
            #expect(try await known("exposed") == true)
            #expect(try await known("unknown") == nil)
        },
        StorageConformance(description: "rules are listed with the latest event first") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold(
                [
                    [Fixture.record(1, at: 300, rule: "x"), Fixture.record(1, at: 100, rule: "y")],
                    [Fixture.record(2, at: 400, rule: "y", outcome: "second"), Fixture.record(1, at: 300, rule: "w")],
                ], into: store)
            #expect(
                try await store.rules(site: "site") == [
                    RuleSummary(
                        rule: DimensionName("y"), firstEventMilliseconds: 100, lastEventMilliseconds: 400, exposures: 0,
                        conversions: 2, outcomes: 2),
                    RuleSummary(
                        rule: DimensionName("w"), firstEventMilliseconds: 300, lastEventMilliseconds: 300, exposures: 0,
                        conversions: 1, outcomes: 1),
                    RuleSummary(
                        rule: DimensionName("x"), firstEventMilliseconds: 300, lastEventMilliseconds: 300, exposures: 0,
                        conversions: 1, outcomes: 1),
                ])
        },
        StorageConformance(description: "names are opaque bytes: quotes, NUL, empty, accents spelt two ways") { kind in
            let store = try await kind.open(DimensionLimits())
            let names = ["graph/1#1,graph/1#2", "'; --", "a\0b", "a", "", "(other)", "caf\u{E9}", "cafe\u{301}", "🙂"]
            try await Fixture.fold([names.map { Fixture.record(1, outcome: $0) }], into: store)
            try await store.fold(names.map { Fixture.record(2, outcome: $0) }, advancingTo: Fixture.position(2))
            let report = try #require(try await store.outcomes(rule: DimensionName("rule")))
            #expect(report.map(\.outcome) == names.map { DimensionName($0) }.sorted())
            #expect(report.flatMap(\.conversions).map(\.converters) == names.map { _ in 2 })
        },
    ]

    /// What is counted under the only outcome of a rule.
    private static func conversions(
        _ store: any OutcomeStore, site: String = "site"
    ) async throws -> [ConversionCounts] {
        let report = try #require(try await store.outcomes(site: site))
        #expect(report.count == 1)
        return report.flatMap(\.conversions)
    }
}
