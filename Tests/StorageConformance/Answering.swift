import Records
import Storage
import Testing

extension StorageConformance {
    static let answering = [
        StorageConformance(description: "answers add up by kind, for the site and for each outcome it knows") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1, outcome: "a"), Fixture.record(1, outcome: "b")]], into: store)
            try await store.note([
                given(durable, outcome: "a", count: 3), given(refused, outcome: "a", count: 2),
                given(durable, outcome: "b", count: 5), given(refused, outcome: nil, count: 7),
            ])
            try await store.note([given(durable, outcome: "a", count: 1)])
            #expect(
                try await store.answers() == [
                    AnswerCounts(outcome: nil, kind: durable, count: 9),
                    AnswerCounts(outcome: nil, kind: refused, count: 9),
                ])
            #expect(
                try await store.answers(rule: DimensionName("rule")) == [
                    AnswerCounts(outcome: DimensionName("a"), kind: durable, count: 4),
                    AnswerCounts(outcome: DimensionName("a"), kind: refused, count: 2),
                    AnswerCounts(outcome: DimensionName("b"), kind: durable, count: 5),
                ])
        },
        StorageConformance(description: "an invented outcome is told of in the site's answers alone") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1, outcome: "a")]], into: store)
            try await store.note([given(refused, outcome: "invented", count: 2)])
            #expect(try await store.answers().map(\.count) == [2])
            #expect(try await store.answers(rule: DimensionName("rule")).isEmpty)
            #expect(try await store.outcomes()?.map(\.outcome) == [DimensionName("a")])
        },
        StorageConformance(description: "answers lie in their quarters of an hour") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1)]], into: store)
            let quarters: [Int64] = [10, 11, 14, 200, 10_000]
            try await store.note(quarters.map { given(durable, outcome: nil, count: Int($0), quarter: $0) })
            let buckets = [(0, 11), (11, 15), (15, 201), (0, 10_001)].map { Quarter($0)..<Quarter($1) }
            let answers = try await store.answers(site: "site", rule: nil) { extent in
                #expect(extent == Quarter(10)..<Quarter(10_001))
                return buckets
            }
            #expect(answers?.map { $0.content.map(\.count) } == [[10], [25], [200], [10_235]])
        },
        StorageConformance(description: "a site's answers are its own, and no records no answers") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1, site: "a"), Fixture.record(1, site: "b")]], into: store)
            try await store.note(["a", "unknown"].map { given(durable, outcome: nil, count: 4, site: $0) })
            #expect(try await store.answers(site: "a").map(\.count) == [4])
            #expect(try await store.answers(site: "b").isEmpty)
            #expect(try await store.answers(site: "unknown", rule: nil) { _ in [.all] } == nil)
            #expect(try await store.answers(site: "a", rule: DimensionName("unknown")) { _ in [.all] } == nil)
            #expect(try await store.sites() == ["a", "b"])
        },
        StorageConformance(description: "counts beyond all bounds stay countable") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1)]], into: store)
            for _ in 1...3 {
                try await store.note([
                    given(durable, outcome: "outcome", count: .max), given(durable, outcome: nil, count: .max),
                ])
            }
            #expect(try await store.answers().allSatisfy { $0.count > 1 << 60 })
            #expect(try await store.answers(rule: DimensionName("rule")).count == 1)
        },
        StorageConformance(description: "reasons without end become one") { kind in
            let store = try await kind.open(DimensionLimits())
            try await Fixture.fold([[Fixture.record(1)]], into: store)
            try await store.note(
                (0..<1500).map { number in
                    given(
                        AnswerKind(door: .conversions, status: 204, reason: "excluded:\(number)"), outcome: nil,
                        count: 1)
                })
            let answers = try await store.answers()
            #expect(answers.map(\.count).reduce(0, +) == 1500)
            #expect(answers.contains { $0.kind.reason == "other" && $0.count >= 500 })
        },
    ]

    private static let durable = AnswerKind(door: .conversions, status: 201, reason: "durable")
    private static let refused = AnswerKind(door: .exposures, status: 401, reason: "expired")

    private static func given(
        _ kind: AnswerKind, outcome: String?, count: Int, quarter: Int64 = 5, site: String = "site"
    ) -> GivenAnswers {
        GivenAnswers(
            site: DimensionName(site),
            outcome: outcome.map { .init(rule: DimensionName("rule"), outcome: DimensionName($0)) }, kind: kind,
            quarter: Quarter(quarter), count: count)
    }
}

extension OutcomeStore {
    /// All answers there are.
    fileprivate func answers(site: String = "site", rule: DimensionName? = nil) async throws -> [AnswerCounts] {
        try #require(try await answers(site: site, rule: rule) { _ in [.all] }).flatMap(\.content)
    }
}
