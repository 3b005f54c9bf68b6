import Records
import Storage
import Testing
import TestSupport

extension StorageConformance {
    static let modelling = [
        StorageConformance(description: "random folds are counted as the naive model counts them") { kind in
            for _ in 1...4 { try await agreesWithModel(kind, seed: UInt64.random(in: 0...UInt64.max)) }
        },
        StorageConformance(description: "below the limits, neither order nor division changes a count") { kind in
            for _ in 1...4 { try await orderDoesNotMatter(kind, seed: UInt64.random(in: 0...UInt64.max)) }
        },
    ]

    /// Limits small enough that random names pass them.
    private static func agreesWithModel(_ kind: StoreUnderTest, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let limits = DimensionLimits(
            sitesMax: 3, rulesPerSiteMax: 3, outcomesPerRuleMax: 3, conversionsPerOutcomeMax: 2)
        let store = try await kind.open(limits)
        let records = randomRecords(600, names: 5, using: &generator)
        try await Fixture.fold(randomFolds(records, using: &generator), into: store)
        var model = NaiveStore(limits: limits)
        for record in records { model.add(record) }
        try await expectAgreement(store, model, seed: seed)
    }

    private static func orderDoesNotMatter(_ kind: StoreUnderTest, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let records = randomRecords(400, names: 4, using: &generator)
        var model = NaiveStore(limits: DimensionLimits())
        for record in records { model.add(record) }
        for _ in 1...3 {
            let store = try await kind.open(DimensionLimits())
            let folds = randomFolds(records.shuffled(using: &generator), using: &generator)
            try await Fixture.fold(folds, into: store)
            try await expectAgreement(store, model, seed: seed)
        }
    }

    private static func expectAgreement(_ store: any OutcomeStore, _ model: NaiveStore, seed: UInt64) async throws {
        #expect(try await store.sites().map { DimensionName($0) } == model.siteNames(), "seed \(seed)")
        for site in model.siteNames() {
            let summaries = try await store.rules(site: site.description)
            #expect(summaries == model.summaries(site: site), "seed \(seed)")
            for rule in summaries.map(\.rule) {
                let report = try await store.report(site: site.description, rule: rule)
                #expect(report == model.report(site: site, rule: rule), "seed \(seed)")
            }
        }
    }

    private static func randomRecords(
        _ count: Int, names: Int, using generator: inout SeededGenerator
    ) -> [Record] {
        (0..<count).map { _ in
            Fixture.record(
                // Few enough that they come again, and spread over all of their 128 bits.
                UInt128.random(in: 0..<40, using: &generator) &* (UInt128.max / 41),
                at: Int64.random(in: 0..<100, using: &generator),
                site: "site \(Int.random(in: 0..<names, using: &generator))",
                rule: "rule \(Int.random(in: 0..<names, using: &generator))",
                outcome: "outcome \(Int.random(in: 0..<names, using: &generator))",
                conversion: "conversion \(Int.random(in: 0..<names, using: &generator))")
        }
    }

    /// The records in order, cut at random places; some folds are empty.
    private static func randomFolds(_ records: [Record], using generator: inout SeededGenerator) -> [[Record]] {
        let cuts = (0..<8).map { _ in Int.random(in: 0...records.count, using: &generator) }.sorted()
        return zip([0] + cuts, cuts + [records.count]).map { Array(records[$0..<$1]) }
    }
}
