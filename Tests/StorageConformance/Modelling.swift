import Records
import Storage
import Testing
import TestSupport

extension StorageConformance {
    static let modelling = [
        StorageConformance(description: "random folds are counted as the reference model counts them") { kind in
            for _ in 1...4 { try await agreesOnNames(kind, seed: UInt64.random(in: 0...UInt64.max)) }
        },
        StorageConformance(description: "neither order nor division changes a count") { kind in
            for _ in 1...2 { try await orderDoesNotMatter(kind, seed: UInt64.random(in: 0...UInt64.max)) }
        },
    ]

    /// Folds random traffic into a store, declares and reopens on the way, and holds every count against the model.
    ///
    /// - Parameter open: opens the store, the same one each time.
    static func agreesWithModel(
        count: Int, seed: UInt64, open: () async throws -> any OutcomeStore
    ) async throws {
        var random = SeededGenerator(seed: seed)
        let traffic = RandomTraffic(count: count, using: &random)
        var model = ReferenceModel()
        var store = try await open()
        var declared = DeclaredNames.none
        var sequence: Int64 = 0
        var done = 0
        for stop in Set(traffic.cuts + traffic.declarations.map(\.index) + [count]).sorted() {
            let records = Array(traffic.records[done..<stop])
            sequence += 1
            // A fold that is done again after a restart counts nothing.
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                try await store.fold(records, declared: declared, advancingTo: Fixture.position(sequence))
                if Int.random(in: 0..<3, using: &random) == 0 { store = try await open() }
            }
            for record in records { model.add(record) }
            done = stop
            for declaration in traffic.declarations where declaration.index == stop {
                declared = declaration.declared
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    try await store.declare(declared, nowMilliseconds: declaration.nowMilliseconds)
                    model.declare(declared, nowMilliseconds: declaration.nowMilliseconds)
                }
            }
        }
        try await expectAgreement(store, model, seed: seed, using: &random)
    }

    /// Limits small enough that random names pass them.
    private static func agreesOnNames(_ kind: StoreUnderTest, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let limits = DimensionLimits(
            sitesMax: 3, rulesPerSiteMax: 3, outcomesPerRuleMax: 3, conversionsPerOutcomeMax: 2)
        let store = try await kind.open(limits)
        let records = randomRecords(600, names: 5, using: &random)
        try await Fixture.fold(randomFolds(records, using: &random), into: store)
        var model = ReferenceModel(limits: limits)
        for record in records { model.add(record) }
        try await expectAgreement(store, model, seed: seed, using: &random)
    }

    private static func orderDoesNotMatter(_ kind: StoreUnderTest, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let records = RandomTraffic(count: 400, using: &random).records
        var model = ReferenceModel()
        for record in records { model.add(record) }
        for _ in 1...3 {
            let store = try await kind.open(DimensionLimits())
            let folds = randomFolds(records.shuffled(using: &random), using: &random)
            try await Fixture.fold(folds, into: store)
            try await expectAgreement(store, model, seed: seed, using: &random)
        }
    }

    /// Every count of the store is the model's.
    static func expectAgreement(
        _ store: any OutcomeStore, _ model: ReferenceModel, seed: UInt64, using random: inout SeededGenerator
    ) async throws {
        #expect(try await store.sites().map { DimensionName($0) } == model.siteNames(), "seed \(seed)")
        for site in model.siteNames() {
            let summaries = try await store.rules(site: site.description)
            #expect(summaries == model.summaries(site: site), "seed \(seed)")
            for rule in summaries.map(\.rule) {
                let ranges = [.all] + (0..<3).map { _ in RandomTraffic.range(using: &random) }
                let report = try await store.report(site: site.description, rule: rule, in: ranges)
                let expected = model.report(site: site, rule: rule, in: ranges)
                #expect(report == expected, "seed \(seed)")
                try await expectSeries(store, model, site, rule, seed: seed, using: &random)
                try await expectActivity(store, model, site, rule, seed: seed, using: &random)
            }
        }
    }

    /// Each bucket has what a report of its range has, without what nothing is counted of.
    private static func expectSeries(
        _ store: any OutcomeStore, _ model: ReferenceModel, _ site: DimensionName, _ rule: DimensionName,
        seed: UInt64, using random: inout SeededGenerator
    ) async throws {
        let buckets = RandomTraffic.buckets(using: &random)
        let series = try #require(try await store.series(site: site.description, rule: rule) { _ in buckets })
        let expected = model.report(site: site, rule: rule, in: buckets).counts
        #expect(series.map(\.range) == buckets, "seed \(seed)")
        #expect(series.map(\.content) == expected.map { $0.compactMap(\.withoutZeros) }, "seed \(seed)")
    }

    /// The visitors of any spans as long as a day has.
    private static func expectActivity(
        _ store: any OutcomeStore, _ model: ReferenceModel, _ site: DimensionName, _ rule: DimensionName,
        seed: UInt64, using random: inout SeededGenerator
    ) async throws {
        let spans = ([1, 4, 92, 94, 96, 98, 100] as [Int64]).map { length in
            let start = RandomTraffic.boundedRange(using: &random).lowerBound
            return start..<Quarter(start.number + length)
        }
        let activity = try #require(try await store.activity(site: site.description, rule: rule) { _ in spans })
        #expect(activity.map(\.range) == spans, "seed \(seed)")
        for bucket in activity {
            let expected = model.active(site: site, rule: rule, in: bucket.range)
            #expect(Set(bucket.content) == expected, "seed \(seed)")
            #expect(bucket.content.count == expected.count, "seed \(seed)")
        }
    }

    private static func randomRecords(
        _ count: Int, names: Int, using random: inout SeededGenerator
    ) -> [Record] {
        (0..<count).map { _ in
            Fixture.record(
                // Few enough that they come again, and spread over all of their 128 bits.
                UInt128.random(in: 0..<40, using: &random) &* (UInt128.max / 41),
                at: Int64.random(in: 0..<100, using: &random),
                site: "site \(Int.random(in: 0..<names, using: &random))",
                rule: "rule \(Int.random(in: 0..<names, using: &random))",
                outcome: "outcome \(Int.random(in: 0..<names, using: &random))",
                conversion: Bool.random(using: &random)
                    ? nil : "conversion \(Int.random(in: 0..<names, using: &random))")
        }
    }

    /// The records in order, cut at random places; some folds are empty.
    private static func randomFolds(_ records: [Record], using random: inout SeededGenerator) -> [[Record]] {
        let cuts = (0..<8).map { _ in Int.random(in: 0...records.count, using: &random) }.sorted()
        return zip([0] + cuts, cuts + [records.count]).map { Array(records[$0..<$1]) }
    }
}

extension OutcomeCounts {
    /// Nil where nothing is counted at all.
    fileprivate var withoutZeros: OutcomeCounts? {
        var counts = self
        counts.conversions.removeAll { $0 == ConversionCounts(conversion: $0.conversion) }
        return counts == OutcomeCounts(outcome: outcome) ? nil : counts
    }
}
