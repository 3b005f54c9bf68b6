import Records
import Storage
import Testing

extension StorageConformance {
    private static let limits = DimensionLimits(
        sitesMax: 3, rulesPerSiteMax: 4, outcomesPerRuleMax: 5, conversionsPerOutcomeMax: 6)

    static let limiting = [
        StorageConformance(description: "a flood of rule ids ends under one name, and earlier rules are kept") { kind in
            let store = try await kind.open(limits)
            let real = (1...4).map { Fixture.record(UInt128($0), rule: "real \($0)") }
            let flood = (1...1000).map { Fixture.record(UInt128($0 % 250), rule: "flood \($0)", outcome: "o \($0)") }
            try await Fixture.fold([real, Array(flood[..<500]), Array(flood[500...]), real], into: store)
            let summaries = try await store.rules(site: "site")
            #expect(Set(summaries.map(\.rule)) == Set((1...4).map { DimensionName("real \($0)") } + [.other]))
            #expect(summaries.filter { $0.rule != .other }.map(\.conversions) == [2, 2, 2, 2])
            let other = try #require(try await store.outcomes(rule: .other))
            #expect(other.map(\.outcome) == [.other])
            #expect(other.flatMap(\.conversions).map(\.converters) == [250])
            #expect(other.flatMap(\.conversions).map(\.events) == [1000])
        },
        StorageConformance(description: "a flood of outcome ids ends under one name of its rule alone") { kind in
            let store = try await kind.open(limits)
            let flood = (1...100).map { Fixture.record(UInt128($0 % 30), outcome: "\($0)") }
            let quietRecord = Fixture.record(1, rule: "quiet", outcome: "its own")
            try await Fixture.fold([flood + [quietRecord], flood], into: store)
            let report = try #require(try await store.outcomes(rule: DimensionName("rule")))
            #expect(report.map(\.outcome) == (1...5).map { DimensionName("\($0)") } + [.other])
            #expect(report.last?.conversions.map(\.converters) == [30])
            #expect(report.last?.conversions.map(\.events) == [190])
            let quiet = try #require(try await store.outcomes(rule: DimensionName("quiet")))
            #expect(quiet.map(\.outcome) == [DimensionName("its own")])
            #expect(try await store.rules(site: "site").map(\.outcomes).sorted() == [1, 6])
        },
        StorageConformance(description: "a flood of conversions ends under one name of its outcome alone") { kind in
            let store = try await kind.open(limits)
            let flood = (1...100).map { Fixture.record(UInt128($0 % 30), conversion: "\($0)") }
            try await Fixture.fold([flood, [Fixture.record(1, outcome: "quiet", conversion: "its own")]], into: store)
            let report = try #require(try await store.outcomes(rule: DimensionName("rule")))
            #expect(
                report.map { $0.conversions.map(\.conversion) } == [
                    (1...6).map { DimensionName("\($0)") } + [.other], [DimensionName("its own")],
                ])
            #expect(report.first?.conversions.last?.converters == 30)
            #expect(report.first?.conversions.last?.events == 94)
        },
        StorageConformance(description: "a flood of sites leaves the sites before it and their reports alone") { kind in
            let store = try await kind.open(limits)
            let real = (1...3).map { Fixture.record(1, site: "real \($0)") }
            let flood = (1...100).map { Fixture.record(UInt128($0), site: "flood \($0)") }
            try await Fixture.fold([real, flood, real], into: store)
            #expect(try await store.sites() == ["real 1", "real 2", "real 3"])
            #expect(try await store.rules(site: "real 2").map(\.conversions) == [2])
            #expect(try await store.rules(site: "flood 1").isEmpty)
        },
        StorageConformance(description: "a rule really called (other) is not the one that stands for others") { kind in
            let store = try await kind.open(limits)
            let rules = ["(other)", "other", "", "\0"].map { Fixture.record(1, rule: $0) }
            try await Fixture.fold([rules, [Fixture.record(2, rule: "fifth")]], into: store)
            let named = try #require(try await store.outcomes(rule: DimensionName("(other)")))
            #expect(named.flatMap(\.conversions).map(\.events) == [1])
            let other = try #require(try await store.outcomes(rule: .other))
            #expect(other.flatMap(\.conversions).map(\.events) == [1])
        },
    ]
}
