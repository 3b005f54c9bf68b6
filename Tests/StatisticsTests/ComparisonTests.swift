import Statistics
import Testing

@Suite("Comparing a group's outcomes")
struct ComparisonTests {
    private static func proportion(_ successes: Int, _ trials: Int) throws -> Proportion {
        try #require(Proportion(successes: successes, trials: trials))
    }

    @Test("a group needs two outcomes, a baseline among them, and a τ that is one")
    func impossible() throws {
        let arm = try Self.proportion(1, 2)
        #expect(Comparison(mature: [], baseline: 0) == nil)
        #expect(Comparison(mature: [arm], baseline: 0) == nil)
        #expect(Comparison(mature: [arm, arm], baseline: 2) == nil)
        #expect(Comparison(mature: [arm, arm], baseline: -1) == nil)
        #expect(Comparison(mature: [arm, arm], baseline: 0, tau: 0) == nil)
    }

    @Test("each outcome but the baseline is better, worse, not shown to differ, or short of conversions")
    func conclusions() throws {
        let arms = try [(900, 10_000), (500, 10_000), (300, 10_000), (510, 10_000), (24, 10_000), (0, 0)]
            .map { try Self.proportion($0.0, $0.1) }
        let comparison = try #require(Comparison(mature: arms, baseline: 1))
        #expect(comparison.arms.map(\.index) == [0, 2, 3, 4, 5])
        let conclusions = comparison.arms.map(\.conclusion)
        #expect(Array(conclusions.prefix(3)) == [.better, .worse, .noDifferenceShownYet])
        for (conclusion, count) in zip(conclusions.suffix(2), [24, 0]) {
            guard case .tooFewConversions(let reason) = conclusion else {
                Issue.record("\(conclusion)")
                continue
            }
            #expect((reason.needed, reason.outcome, reason.baseline) == (25, count, 500))
        }
        #expect(comparison.arms[4].difference == nil && comparison.arms[4].oneLook == nil)
    }

    @Test("a baseline without subjects leaves every outcome short of conversions")
    func emptyBaseline() throws {
        let arms = [try Self.proportion(0, 0), try Self.proportion(100, 1000)]
        let arm = try #require(Comparison(mature: arms, baseline: 0)?.arms.first)
        #expect(arm.difference == nil && arm.oneLook == nil)
        #expect(throws: TooFewConversions.self) { try arm.alwaysValid.get() }
    }

    @Test("α is shared among the comparisons in the always-valid interval and not in the one for one look")
    func shared() throws {
        let arm = try Self.proportion(500, 10_000)
        let two = try #require(Comparison(mature: [arm, arm], baseline: 0)?.arms.first)
        let five = try #require(Comparison(mature: Array(repeating: arm, count: 5), baseline: 0)?.arms.first)
        let quarter = try #require(SignificanceLevel(0.0125))
        let sequence = try #require(ConfidenceSequence(quarter))
        #expect(five.alwaysValid == sequence.interval(of: arm, minus: arm))
        #expect(try five.alwaysValid.get().width > two.alwaysValid.get().width)
        #expect(five.oneLook == two.oneLook)
    }
}
