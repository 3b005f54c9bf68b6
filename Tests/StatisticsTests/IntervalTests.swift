import Statistics
import Testing

@Suite("Intervals")
struct IntervalTests {
    @Test("there is no proportion of more than all or less than none")
    func absurd() {
        #expect(Proportion(successes: 2, trials: 1) == nil)
        #expect(Proportion(successes: -1, trials: 1) == nil)
        #expect(Proportion(successes: 0, trials: -1) == nil)
        #expect(Proportion(successes: .min, trials: .max) == nil)
    }

    @Test("of no trials there is neither rate nor interval nor difference")
    func noTrials() throws {
        let none = try #require(Proportion(successes: 0, trials: 0))
        let some = try #require(Proportion(successes: 1, trials: 2))
        #expect(none.rate == nil)
        #expect(none.wilsonInterval(.fivePercent) == nil)
        #expect(RateDifference(none, minus: some) == nil)
        #expect(RateDifference(some, minus: none) == nil)
    }

    @Test("a level is between 1e-15 and a half", arguments: [0, -1, 1e-16, 0.51, 1, .nan, .infinity, -.infinity])
    func levels(value: Double) {
        #expect(SignificanceLevel(value) == nil)
    }

    @Test("Wilson's interval holds the rate, and stays within 0 and 1, whatever the counts")
    func wilsonHolds() throws {
        for proportion in Grid.proportions {
            for level in Grid.levels {
                let (rate, interval) = (try #require(proportion.rate), try #require(proportion.wilsonInterval(level)))
                #expect(0 <= interval.low && interval.high <= 1 && interval.contains(rate), "\(proportion)")
                #expect(proportion.successes > 0 || interval.low == 0)
                #expect(proportion.failures > 0 || interval.high == 1)
            }
        }
    }

    @Test("failures have the interval of successes, seen from 1")
    func wilsonMirrored() throws {
        for proportion in Grid.proportions {
            let mirrored = try #require(Proportion(successes: proportion.failures, trials: proportion.trials))
            let interval = try #require(proportion.wilsonInterval(.fivePercent))
            let other = try #require(mirrored.wilsonInterval(.fivePercent))
            #expect(abs(interval.low - (1 - other.high)) < 1e-15)
            #expect(abs(interval.high - (1 - other.low)) < 1e-15)
        }
    }

    @Test("Newcombe's interval holds the difference, stays within −1 and 1, and turns over with the arms")
    func newcombeHolds() throws {
        for (outcome, baseline) in Grid.pairs {
            let difference = try #require(RateDifference(outcome, minus: baseline))
            let interval = difference.newcombeInterval(.fivePercent)
            #expect(-1 <= interval.low && interval.high <= 1 && interval.contains(difference.estimate))
            let other = try #require(RateDifference(baseline, minus: outcome)).newcombeInterval(.fivePercent)
            #expect(interval.low == -other.high && interval.high == -other.low)
        }
    }

    @Test("a stricter level makes no interval narrower, more subjects make each narrower")
    func widths() throws {
        for proportion in Grid.proportions where proportion.trials <= 1_000_000 {
            let widths = Grid.levels.compactMap { proportion.wilsonInterval($0)?.width }
            #expect(widths == widths.sorted(by: >))
            let tenfold = Proportion(successes: proportion.successes * 10, trials: proportion.trials * 10)
            let wider = try #require(proportion.wilsonInterval(.fivePercent))
            #expect(try #require(tenfold?.wilsonInterval(.fivePercent)).width < wider.width)
        }
    }

    @Test("a tail that is none is taken for the nearest that is one")
    func tails() {
        #expect(StandardNormal.quantile(upperTail: 0.5) == 0)
        #expect(StandardNormal.quantile(upperTail: 0.9) == 0)
        #expect(StandardNormal.quantile(upperTail: -1) == StandardNormal.quantile(upperTail: 1e-300))
        #expect(StandardNormal.quantile(upperTail: 0).isFinite)
        #expect(StandardNormal.quantile(upperTail: .nan).isFinite)
    }
}

/// Against the figures that the method's author published.
@Suite("Newcombe's examples")
struct PublishedTests {
    struct Example: Sendable {
        let outcome, baseline: (Int, Int)
        let low, high: Double
    }

    /// Table II of the article, method 10, to four places.
    static let examples = [
        Example(outcome: (56, 70), baseline: (48, 80), low: 0.0524, high: 0.3339),
        Example(outcome: (9, 10), baseline: (3, 10), low: 0.1705, high: 0.8090),
        Example(outcome: (5, 56), baseline: (0, 29), low: -0.0381, high: 0.1926),
        Example(outcome: (0, 10), baseline: (0, 20), low: -0.1611, high: 0.2775),
        Example(outcome: (0, 10), baseline: (0, 10), low: -0.2775, high: 0.2775),
        Example(outcome: (10, 10), baseline: (0, 20), low: 0.6791, high: 1.0000),
        Example(outcome: (10, 10), baseline: (0, 10), low: 0.6075, high: 1.0000),
    ]

    @Test("method 10 gives the article's intervals", arguments: examples)
    func example(_ example: Example) throws {
        let outcome = try #require(Proportion(successes: example.outcome.0, trials: example.outcome.1))
        let baseline = try #require(Proportion(successes: example.baseline.0, trials: example.baseline.1))
        let interval = try #require(RateDifference(outcome, minus: baseline)).newcombeInterval(.fivePercent)
        #expect(abs(interval.low - example.low) <= 0.00005 + 1e-9)
        #expect(abs(interval.high - example.high) <= 0.00005 + 1e-9)
    }
}

/// Proportions from none to absurd.
enum Grid {
    static let trials = [1, 2, 3, 24, 25, 26, 50, 1000, 1_000_000, 1_000_000_000, 1 << 53, .max]

    static let proportions: [Proportion] = trials.flatMap { n in
        [0, 1, 24, 25, n / 1000, n / 2, n - n / 10, n - 25, n - 1, n].compactMap {
            Proportion(successes: $0, trials: n)
        }
    }

    static let levels = [1e-15, 1e-6, 0.01, 0.05, 0.2, 0.5].compactMap { SignificanceLevel($0) }

    static var pairs: [(Proportion, Proportion)] {
        proportions.flatMap { outcome in proportions.map { (outcome, $0) } }
    }
}
