import Testing

@testable import Statistics

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

    @Test(
        "it is at most twice as wide as the one for one look, wherever the standard error is from τ/150 to 5 τ",
        arguments: [1e-4, 0.01, 0.2])
    func twice(tau: Double) throws {
        let sequence = try Self.sequence(tau: tau)
        for error in [1.0 / 150, 0.02, 0.06, 0.2, 0.6, 1, 1.5, 2, 3, 5].map({ $0 * tau }) {
            let oneLook = StandardNormal.quantile(upperTail: 0.025) * error
            let ratio = sequence.radius(variance: error * error) / oneLook
            #expect(ratio > 1.5 && ratio <= 2)
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

@Suite("Relative lift")
struct RelativeLiftTests {
    private static func lift(_ outcome: Proportion, over baseline: Proportion, tau: Double = 0.01) throws
        -> RelativeLift?
    {
        try #require(Comparison(mature: [baseline, outcome], baseline: 0, tau: tau)?.arms.first).lift
    }

    private static func proportion(_ successes: Int, _ trials: Int) throws -> Proportion {
        try #require(Proportion(successes: successes, trials: trials))
    }

    @Test("it is the quotient of the rates less 1, and in an interval where there are conversions enough")
    func estimate() throws {
        let (outcome, baseline) = (try Self.proportion(590, 10_000), try Self.proportion(380, 10_000))
        let lift = try #require(try Self.lift(outcome, over: baseline))
        #expect(abs(lift.estimate - 0.552_631_578_947) < 1e-9)
        let interval = try #require(lift.interval)
        #expect(interval.low < lift.estimate && lift.estimate < interval.high)
        #expect(try Self.lift(try Self.proportion(24, 1000), over: baseline) == nil)
        #expect(try Self.lift(try Self.proportion(0, 0), over: baseline) == nil)
    }

    @Test("its interval holds 0 if and only if the difference's does, and turns into its reciprocal with the arms")
    func agrees() throws {
        for (outcome, baseline) in Grid.pairs where min(outcome.successes, baseline.successes) >= 25 {
            let arm = try #require(Comparison(mature: [baseline, outcome], baseline: 0)?.arms.first)
            let difference = try arm.alwaysValid.get()
            guard let interval = arm.lift?.interval else { continue }
            #expect(interval.contains(0) == difference.contains(0), "\(outcome) \(baseline)")
            guard let other = try Self.lift(baseline, over: outcome)?.interval else { continue }
            #expect(abs((1 + interval.low) * (1 + other.high) - 1) < 1e-12)
            #expect(abs((1 + interval.high) * (1 + other.low) - 1) < 1e-12)
        }
    }

    @Test("it is not told where it reaches beyond ten times the baseline's rate")
    func tooWide() throws {
        let few = try Self.proportion(40, 100)
        let lift = try #require(try Self.lift(few, over: few, tau: 0.001))
        #expect(lift.estimate == 0 && lift.interval == nil)
        #expect(try Self.lift(few, over: few, tau: 0.2)?.interval != nil)
        let (rare, frequent) = (try Self.proportion(25, 100_000), try Self.proportion(5000, 100_000))
        #expect(try Self.lift(frequent, over: rare)?.interval == nil)
        #expect(try Self.lift(rare, over: frequent)?.interval != nil)
    }

    @Test("what lies between its ends and outside of them is told apart by the sequence itself, at every ratio")
    func ends() throws {
        let (outcome, baseline) = (try Self.proportion(130, 2000), try Self.proportion(900, 20_000))
        let interval = try #require(try Self.lift(outcome, over: baseline)?.interval)
        let sequence = try #require(ConfidenceSequence(.fivePercent))
        for ratio in stride(from: 0.05, through: 5, by: 0.001) {
            let scale = max(ratio, 1)
            let variance = (outcome.rateVariance + ratio * ratio * baseline.rateVariance) / (scale * scale)
            let distance = abs((outcome.rate ?? 0) - ratio * (baseline.rate ?? 0)) / scale
            #expect(interval.contains(ratio - 1) == (distance <= sequence.radius(variance: variance)), "\(ratio)")
        }
    }
}
