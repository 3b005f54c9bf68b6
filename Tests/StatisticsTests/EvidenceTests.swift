import Statistics
import Testing

@Suite("Evidence of something amiss")
struct EvidenceTests {
    @Test("a mismatch needs two weights of at least 1, and a count for each that is not negative")
    func impossible() throws {
        #expect(SampleRatioTest(weights: []) == nil)
        #expect(SampleRatioTest(weights: [1]) == nil)
        #expect(SampleRatioTest(weights: [1, 0]) == nil)
        let test = try #require(SampleRatioTest(weights: [1, 1]))
        #expect(test.evidence(counts: [1]) == nil)
        #expect(test.evidence(counts: [1, -1]) == nil)
    }

    @Test("without subjects or requests the evidence is none, either way")
    func none() throws {
        let test = try #require(SampleRatioTest(weights: [1, 2, 3]))
        #expect(try #require(test.evidence(counts: [0, 0, 0])).logFactor == 0)
        #expect(RefusalTest.evidence([]).logFactor == 0)
        let nobody = try #require(Proportion(successes: 0, trials: 0))
        #expect(RefusalTest.evidence([nobody, nobody, nobody]).logFactor == 0)
    }

    @Test("one outcome alone is no evidence of a difference")
    func alone() throws {
        let some = try #require(Proportion(successes: 50, trials: 1000))
        let nobody = try #require(Proportion(successes: 0, trials: 0))
        #expect(RefusalTest.evidence([some]).logFactor <= 0)
        #expect(RefusalTest.evidence([some, nobody]).logFactor <= 0)
    }

    @Test("a mismatch is an alarm when it is plain, and not when shares are as declared")
    func mismatch() throws {
        let test = try #require(SampleRatioTest(weights: [1, 1]))
        #expect(try #require(test.evidence(counts: [5000, 5000])).isAlarm == false)
        #expect(try #require(test.evidence(counts: [5000, 5100])).isAlarm == false)
        #expect(try #require(test.evidence(counts: [5000, 5500])).isAlarm)
        #expect(try #require(test.evidence(counts: [0, 100])).isAlarm)
    }

    @Test("refusals are an alarm when one outcome has many more of them, and not when all have as many")
    func refusals() throws {
        func isAlarm(_ arms: (Int, Int)...) throws -> Bool {
            let arms = try arms.map { try #require(Proportion(successes: $0.0, trials: $0.1)) }
            return RefusalTest.evidence(arms).isAlarm
        }
        #expect(try !isAlarm((100, 10_000), (100, 10_000)))
        #expect(try !isAlarm((100, 10_000), (1000, 100_000)))
        #expect(try !isAlarm((100, 10_000), (130, 10_000)))
        #expect(try isAlarm((100, 10_000), (300, 10_000)))
        #expect(try isAlarm((100, 10_000), (100, 10_000), (100, 10_000), (300, 10_000)))
        #expect(try !isAlarm((0, 10_000), (3, 10_000)))
        #expect(try !isAlarm((1, 1), (0, 1)))
        #expect(try !isAlarm((10_000, 10_000), (10_000, 10_000)))
    }

    @Test("the arms' order makes no difference")
    func order() throws {
        let arms = try [(3, 100), (40, 9000), (7, 20)].map { try #require(Proportion(successes: $0.0, trials: $0.1)) }
        let (forwards, backwards) = (RefusalTest.evidence(arms), RefusalTest.evidence(arms.reversed()))
        #expect(abs(forwards.logFactor - backwards.logFactor) < 1e-12)
        let mismatch = try #require(SampleRatioTest(weights: [1, 2, 3])?.evidence(counts: [10, 30, 70]))
        let turned = try #require(SampleRatioTest(weights: [3, 1, 2])?.evidence(counts: [70, 10, 30]))
        #expect(abs(mismatch.logFactor - turned.logFactor) < 1e-12)
    }

    @Test("absurd counts give a number")
    func absurd() throws {
        for weights in [[1, 1], [.max, .max], [1, .max]] {
            let test = try #require(SampleRatioTest(weights: weights))
            for counts in [[0, Int.max], [Int.max, .max], [1, .max], [1 << 53, 0]] {
                #expect(try #require(test.evidence(counts: counts)).logFactor.isFinite, "\(weights) \(counts)")
            }
        }
        for (one, other) in Grid.pairs {
            #expect(RefusalTest.evidence([one, other]).logFactor.isFinite, "\(one) \(other)")
        }
    }
}
