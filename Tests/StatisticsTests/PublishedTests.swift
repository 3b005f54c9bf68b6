import Statistics
import Testing

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
