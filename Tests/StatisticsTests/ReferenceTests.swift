import TestSupport
import Testing

@testable import Statistics

/// Each value is held against one that another library computes, over a wide grid.
@Suite("Statistics beside SciPy, statsmodels and mpmath")
struct ReferenceTests {
    /// Relative to the greater of the value itself and what it is a part of, such as an interval's width. The last
    /// places of numbers near 1 are the reference's own rounding.
    private static func isClose(_ value: Double, _ expected: Double, scale: Double, rounding: Double = 4e-16) -> Bool {
        abs(value - expected) <= 1e-9 * max(abs(expected), scale) + rounding
    }

    private static func proportion(_ successes: Double, _ trials: Double) throws -> Proportion {
        try #require(Proportion(successes: Int(successes), trials: Int(trials)))
    }

    private static func isClose(_ interval: Interval, _ low: Double, _ high: Double) -> Bool {
        // Small bounds have to agree to their own digits, as far as the reference did not lose them in subtracting.
        isClose(interval.low, low, scale: 0) && isClose(interval.high, high, scale: 0)
    }

    @Test("Wilson's interval is that of statsmodels")
    func wilson() throws {
        let rows = try Reference.rows("wilson")
        #expect(rows.count > 400)
        for row in rows {
            let proportion = try Self.proportion(row[0], row[1])
            let level = try #require(SignificanceLevel(row[2]))
            let interval = try #require(proportion.wilsonInterval(level))
            #expect(Self.isClose(interval, row[3], row[4]), "\(row), not \(interval)")
        }
    }

    @Test("Newcombe's interval is that of statsmodels")
    func newcombe() throws {
        let rows = try Reference.rows("newcombe")
        #expect(rows.count > 2000)
        for row in rows {
            let (outcome, baseline) = (try Self.proportion(row[0], row[1]), try Self.proportion(row[2], row[3]))
            let difference = try #require(RateDifference(outcome, minus: baseline))
            let level = try #require(SignificanceLevel(row[4]))
            let interval = difference.newcombeInterval(level)
            #expect(Self.isClose(interval, row[5], row[6]), "\(row), not \(interval)")
        }
    }

    @Test("normal quantiles are those of SciPy to 13 digits")
    func quantile() throws {
        let rows = try Reference.rows("quantile")
        #expect(rows.count > 700)
        for row in rows {
            let quantile = StandardNormal.quantile(upperTail: row[0])
            #expect(abs(quantile - row[1]) <= 1e-13 * row[1] + 1e-15, "\(row), not \(quantile)")
        }
    }

    @Test("the always-valid interval ends where a numerically integrated likelihood ratio comes to 1/α")
    func sequence() throws {
        let rows = try Reference.rows("sequence")
        #expect(rows.count > 50)
        for row in rows {
            let (outcome, baseline) = (try Self.proportion(row[0], row[1]), try Self.proportion(row[2], row[3]))
            let level = try #require(SignificanceLevel(row[4]))
            let sequence = try #require(ConfidenceSequence(level, tau: row[5]))
            let interval = try sequence.interval(of: outcome, minus: baseline).get()
            let estimate = try #require(RateDifference(outcome, minus: baseline)).estimate
            #expect(Self.isClose(interval.low, max(estimate - row[6], -1), scale: row[6]), "\(row), not \(interval)")
            #expect(Self.isClose(interval.high, min(estimate + row[6], 1), scale: row[6]), "\(row), not \(interval)")
        }
    }

    @Test("the interval of a rate ends where a ratio of beta functions to its likelihood comes to 1/α")
    func rate() throws {
        let rows = try Reference.rows("rate")
        #expect(rows.count > 100)
        for row in rows {
            let sequence = RateSequence(try #require(SignificanceLevel(row[2])))
            let interval = try #require(sequence.interval(of: try Self.proportion(row[0], row[1])))
            let isClose =
                Self.isClose(interval.low, row[3], scale: 0)
                && Self.isClose(1 - interval.high, 1 - row[4], scale: 0)
            #expect(isClose, "\(row), not \(interval)")
        }
    }

    @Test("the lift's interval ends where such a ratio does, of the one rate less a multiple of the other")
    func lift() throws {
        let rows = try Reference.rows("lift")
        #expect(rows.count > 150)
        var told = 0
        for row in rows {
            let (outcome, baseline) = (try Self.proportion(row[0], row[1]), try Self.proportion(row[2], row[3]))
            let level = try #require(SignificanceLevel(row[4]))
            let sequence = try #require(ConfidenceSequence(level, tau: row[5]))
            let lift = sequence.lift(try #require(RateDifference(outcome, minus: baseline)))
            #expect((lift.interval != nil) == (row[7] <= 9), "\(row), not \(lift)")
            guard let interval = lift.interval else { continue }
            told += 1
            let isClose = [(interval.low, row[6]), (interval.high, row[7])].allSatisfy {
                Self.isClose($0, $1, scale: 1)
            }
            #expect(isClose, "\(row), not \(interval)")
        }
        #expect(told > 60)
    }

    @Test(
        "the evidence of a mismatch is what predictions of one subject after the other and gamma functions come to"
    )
    func mismatch() throws {
        let rows = try Reference.rows("mismatch")
        #expect(rows.count > 800)
        for row in rows {
            let numbers = row.dropFirst().map { Int($0) }
            let test = try #require(SampleRatioTest(weights: Array(numbers.suffix(numbers.count / 2))))
            let evidence = try #require(test.evidence(counts: Array(numbers.prefix(numbers.count / 2))))
            // A thousand steps or SciPy's gamma functions round that much; around 0 nothing is relative.
            let isClose = Self.isClose(evidence.logFactor, row[0], scale: 0, rounding: 1e-9)
            #expect(isClose, "\(row), not \(evidence.logFactor)")
        }
    }

    @Test("the evidence of a difference in refusals is what beta functions come to")
    func refusals() throws {
        let rows = try Reference.rows("refusals")
        #expect(rows.count > 700)
        for row in rows {
            let arms = try stride(from: 1, to: row.count, by: 2).map { try Self.proportion(row[$0], row[$0 + 1]) }
            let evidence = RefusalTest.evidence(arms)
            let isClose = Self.isClose(evidence.logFactor, row[0], scale: 0, rounding: 1e-9)
            #expect(isClose, "\(row), not \(evidence.logFactor)")
        }
    }
}

/// What other libraries make of the same numbers: `reference.py`, run by Debian's Python, which has them.
enum Reference {
    /// The lines of one of the script's kinds, each a row of numbers.
    static func rows(_ kind: String) throws -> [[Double]] {
        let text = try DebianPython.output(of: "reference.py", [kind], beside: #filePath)
        return try text.split(separator: "\n").map { line in
            try line.split(separator: " ").map { try #require(Double($0), "\(line)") }
        }
    }
}
