import Statistics
import Testing

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
