import Records
import Storage
import Testing

extension StorageConformance {
    private static let limits = DimensionLimits(
        sitesMax: 2, rulesPerSiteMax: 2, outcomesPerRuleMax: 2, conversionsPerOutcomeMax: 2)

    private static func declared(isClosed: Bool = false) -> DeclaredNames {
        let rule = DeclaredNames.Rule(
            outcomes: [DimensionName("declared outcome")], conversions: [DimensionName("DECLARED")])
        return DeclaredNames(sites: [
            DimensionName("site"): .init(rules: [DimensionName("declared"): rule], isClosed: isClosed)
        ])
    }

    static let declaring = [
        StorageConformance(description: "declared names have room, whatever came before them") { kind in
            let store = try await kind.open(limits)
            var flood: [Record] = []
            for number in 1...9 {
                flood.append(Fixture.record(1, site: "flood \(number)"))
                flood.append(Fixture.record(1, rule: "flood \(number)"))
                flood.append(Fixture.record(1, rule: "declared", outcome: "flood \(number)"))
                flood.append(Fixture.record(1, rule: "declared", outcome: "flood 1", conversion: "FLOOD \(number)"))
            }
            try await store.fold(flood, declared: declared(), advancingTo: Fixture.position(1))
            let real = [
                Fixture.record(2, rule: "declared", outcome: "declared outcome", conversion: "DECLARED"),
                Fixture.record(2, rule: "declared", outcome: "flood 1", conversion: "DECLARED"),
            ]
            let overflow = try await store.fold(real, declared: declared(), advancingTo: Fixture.position(2))
            #expect(overflow == FoldOverflow())
            let report = try #require(try await store.outcomes(rule: DimensionName("declared")))
            let outcome = try #require(report.first { $0.outcome == DimensionName("declared outcome") })
            #expect(outcome.conversions.map(\.conversion) == [DimensionName("DECLARED")])
            let flooded = try #require(report.first { $0.outcome == DimensionName("flood 1") })
            #expect(flooded.conversions.map(\.conversion).contains(DimensionName("DECLARED")))
        },
        StorageConformance(
            description: "of a closed site's rules only the declared ones are told apart, which is no want of room"
        ) { kind in
            let store = try await kind.open(limits)
            let records =
                ["declared", "stranger"].map { Fixture.record(1, rule: $0) }
                + [Fixture.record(1, site: "open", rule: "stranger")]
            let overflow = try await store.fold(
                records, declared: declared(isClosed: true), advancingTo: Fixture.position(1))
            #expect(overflow == FoldOverflow())
            let rules = Set(try await store.rules(site: "site").map(\.rule))
            #expect(rules == [DimensionName("declared"), .other])
            #expect(try await store.rules(site: "open").map(\.rule) == [DimensionName("stranger")])
        },
        StorageConformance(description: "what had no room is told, each record by its first such name") { kind in
            let store = try await kind.open(limits)
            let names = (1...3).map { "\($0)" }
            let records =
                names.map { Fixture.record(1, rule: "a", outcome: "a", conversion: $0) }
                + names.map { Fixture.record(1, rule: "a", outcome: $0) }
                + names.map { Fixture.record(1, rule: $0, outcome: "x") }
                + names.map { Fixture.record(1, site: $0) }
            let overflow = try await store.fold(records, declared: .none, advancingTo: Fixture.position(1))
            #expect(overflow.conversions == 1)
            #expect(overflow.outcomes == 2)
            #expect(overflow.rules == 2)
            #expect(overflow.sites == 2)
            let again = try await store.fold(records, declared: .none, advancingTo: Fixture.position(1))
            #expect(again == FoldOverflow())
        },
        StorageConformance(description: "how much of its limits each site uses is told") { kind in
            let store = try await kind.open(DimensionLimits())
            let records =
                (1...3).map { Fixture.record(1, site: "b", rule: "\($0)") }
                + (1...5).map { Fixture.record(1, site: "b", rule: "1", outcome: "o\($0)") }
                + [Fixture.record(1, site: "a")]
            try await Fixture.fold([records], into: store)
            #expect(
                try await store.dimensionUse() == [
                    DimensionUse(site: "a", rules: 1, outcomesOfFullestRule: 1),
                    DimensionUse(site: "b", rules: 3, outcomesOfFullestRule: 6),
                ])
        },
    ]
}
