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

@Suite("Always-valid intervals")
struct ConfidenceSequenceTests {
    private static func sequence(_ level: SignificanceLevel = .fivePercent, tau: Double = 0.01) throws
        -> ConfidenceSequence
    {
        try #require(ConfidenceSequence(level, tau: tau))
    }

    @Test("there is none before each of the two has 25 conversions, and the reason says how many there are")
    func tooFew() throws {
        let few = try #require(Proportion(successes: 24, trials: 1000))
        let enough = try #require(Proportion(successes: 25, trials: 1000))
        let sequence = try Self.sequence()
        for (outcome, baseline) in [(few, enough), (enough, few), (few, few)] {
            #expect(throws: TooFewConversions.self) { try sequence.interval(of: outcome, minus: baseline).get() }
        }
        guard case .failure(let reason) = sequence.interval(of: few, minus: enough) else {
            Issue.record("24 were enough")
            return
        }
        #expect((reason.needed, reason.outcome, reason.baseline) == (25, 24, 25))
        #expect(throws: Never.self) { try sequence.interval(of: enough, minus: enough).get() }
    }

    @Test("τ is between 1e-6 and 1", arguments: [0, -0.01, 1e-7, 1.1, .nan, .infinity])
    func tau(value: Double) {
        #expect(ConfidenceSequence(.fivePercent, tau: value) == nil)
    }

    @Test("the interval holds the difference, stays within −1 and 1, and turns over with the arms, whatever the counts")
    func holds() throws {
        let sequence = try Self.sequence()
        for (outcome, baseline) in Grid.pairs where min(outcome.successes, baseline.successes) >= 25 {
            let interval = try sequence.interval(of: outcome, minus: baseline).get()
            let other = try sequence.interval(of: baseline, minus: outcome).get()
            #expect(interval.contains(try #require(RateDifference(outcome, minus: baseline)).estimate))
            #expect(-1 <= interval.low && interval.high <= 1)
            #expect(interval.low == -other.high && interval.high == -other.low)
        }
    }

    @Test("it is wider than the one for one look, narrower with more subjects, and wider at a stricter level")
    func widths() throws {
        for rate in [2, 50, 500] {
            let arms = [100, 1000, 10_000, 100_000].compactMap { Proportion(successes: rate * $0, trials: 1000 * $0) }
            let widths = try arms.map { try Self.sequence().interval(of: $0, minus: $0).get().width }
            #expect(widths == widths.sorted(by: >))
            for (arm, width) in zip(arms, widths) {
                let difference = try #require(RateDifference(arm, minus: arm))
                #expect(width > difference.newcombeInterval(.fivePercent).width)
                let stricter = try Grid.levels.map { try Self.sequence($0).interval(of: arm, minus: arm).get().width }
                #expect(stricter == stricter.sorted(by: >))
            }
        }
    }
}
