import Testing

@testable import Statistics

@Suite("Holding a group's outcomes against a margin")
struct GuardrailComparisonTests {
    private static func proportion(_ successes: Int, _ trials: Int = 10_000) throws -> Proportion {
        try #require(Proportion(successes: successes, trials: trials))
    }

    private static func comparison(
        _ counts: [Int], trials: Int = 10_000, margin: Double = 0.02, conversions: Int = 2
    ) throws -> GuardrailComparison {
        let arms = try counts.map { try proportion($0, trials) }
        return try #require(GuardrailComparison(mature: arms, baseline: 0, margin: margin, conversions: conversions))
    }

    @Test("it holds where the interval is above −margin, is broken where it is below, and else neither is shown")
    func conclusions() throws {
        let comparison = try Self.comparison([1000, 1000, 500, 850, 1500])
        #expect(comparison.arms.map(\.index) == [1, 2, 3, 4])
        #expect(comparison.arms.map(\.conclusion) == [.holds, .broken, .notShownYet, .holds])
        for arm in comparison.arms {
            #expect(try #require(arm.alwaysValid).contains(try #require(arm.difference).estimate))
        }
    }

    @Test("an outcome under which nobody converts any more breaks it, however few conversions that leaves")
    func nobody() throws {
        let arm = try #require(try Self.comparison([500, 0]).arms.first)
        #expect(arm.conclusion == .broken)
        // The rule of many conversions would say nothing.
        let sequence = try #require(ConfidenceSequence(.fivePercent, tau: 0.02))
        #expect(throws: TooFewConversions.self) {
            try sequence.interval(of: try Self.proportion(0), minus: try Self.proportion(500)).get()
        }
        #expect(try Self.comparison([10, 0]).arms.first?.conclusion == .holds)
        #expect(try Self.comparison([10, 0], trials: 100).arms.first?.conclusion == .notShownYet)
    }

    @Test("the interval is where that for many conversions and that for any number overlap")
    func parts() throws {
        func parts(_ a: Int, _ b: Int) throws -> (many: Interval?, few: Interval) {
            let (outcome, baseline) = (try Self.proportion(b), try Self.proportion(a))
            let ofMany = try #require(SignificanceLevel(0.05 / 2 * 0.98))
            let ofFew = try #require(SignificanceLevel((0.05 / 2 - 0.05 / 2 * 0.98) / 2))
            let sequence = try #require(ConfidenceSequence(ofMany, tau: 0.02))
            let rates = RateSequence(ofFew)
            return (
                try? sequence.interval(of: outcome, minus: baseline).get(),
                try #require(rates.interval(of: outcome, minus: baseline))
            )
        }
        for (a, b) in [(25, 24), (25, 25), (500, 30), (2000, 1500)] {
            let (many, few) = try parts(a, b)
            let interval = try #require(try Self.comparison([a, b]).arms.first?.alwaysValid)
            #expect(abs(interval.low - max(many?.low ?? -1, few.low)) < 1e-12)
            #expect(abs(interval.high - min(many?.high ?? 1, few.high)) < 1e-12)
        }
    }

    @Test("what is broken with few conversions stays so with the next ones")
    func next() throws {
        for (margin, trials, baseline) in [(0.005, 500, 150), (0.0005, 2000, 300)] {
            for outcome in 0...30 {
                let arm = try Self.comparison([baseline, outcome], trials: trials, margin: margin).arms.first
                #expect(arm?.conclusion == .broken, "\(outcome) of \(trials)")
            }
        }
    }

    @Test("each guardrail that shares the level makes all intervals wider")
    func shared() throws {
        let widths = try [1, 2, 5].map { count in
            try #require(try Self.comparison([1000, 1000], conversions: count).arms.first?.alwaysValid).width
        }
        #expect(widths == widths.sorted() && widths[0] < widths[2])
        let arms = try [1000, 1000].map { try Self.proportion($0) }
        let alone = try #require(Comparison(mature: arms, baseline: 0)?.arms.first).alwaysValid.get()
        let guarded = try #require(Comparison(mature: arms, baseline: 0, conversions: 2)?.arms.first).alwaysValid.get()
        #expect(guarded.width > alone.width)
    }

    @Test(
        "without subjects there is neither difference nor conclusion, and without a baseline or a margin nothing at all"
    )
    func nothing() throws {
        let arms = [try Self.proportion(100), .none]
        let arm = try #require(
            GuardrailComparison(mature: arms, baseline: 0, margin: 0.01, conversions: 2)?.arms.first)
        #expect(arm.difference == nil && arm.alwaysValid == nil && arm.conclusion == nil)
        #expect(GuardrailComparison(mature: arms, baseline: 2, margin: 0.01, conversions: 2) == nil)
        #expect(GuardrailComparison(mature: arms, baseline: 0, margin: 0, conversions: 2) == nil)
        #expect(GuardrailComparison(mature: [arms[0]], baseline: 0, margin: 0.01, conversions: 2) == nil)
    }
}
