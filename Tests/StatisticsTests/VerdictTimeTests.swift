import Testing

@testable import Statistics
@testable import StatisticsSimulation

@Suite("When a verdict may be expected")
struct VerdictTimeTests {
    private let plan: TestPlan

    init() throws {
        plan = try #require(TestPlan(baselineRate: 0.05, subjectsDaily: 2000, weights: [1, 1]))
    }

    @Test("the probability of a verdict rises with the days, and a day is the first by which it is so high")
    func rises() throws {
        let course = try #require(plan.verdictTime(difference: 0.005, tau: 0.01)).course
        #expect(course.count > 20)
        for (one, next) in zip(course, course.dropFirst()) {
            #expect(one.day < next.day && one.probability <= next.probability)
        }
        let half = try #require(plan.days(difference: 0.005, tau: 0.01, probabilities: [0.5])[0])
        let fourInFive = try #require(plan.days(difference: 0.005, tau: 0.01, probabilities: [0.8])[0])
        #expect(half < fourInFive)
        #expect(course.contains { $0.day >= Double(half) && $0.probability >= 0.5 })
        #expect(!course.contains { $0.day <= Double(half - 1) && $0.probability >= 0.5 })
    }

    @Test(
        "without a difference a verdict is as improbable as the level says, however long it goes on",
        arguments: [0.002, 0.01, 0.05])
    func noDifference(tau: Double) throws {
        let last = try #require(plan.verdictTime(difference: 0, tau: tau)?.course.last)
        #expect(last.day > 900 && last.probability < 0.05)
    }

    @Test("larger differences, more subjects and fewer outcomes are shown sooner")
    func sooner() throws {
        func days(_ difference: Double, daily: Double = 2000, weights: [Int] = [1, 1]) throws -> Int {
            let plan = try #require(TestPlan(baselineRate: 0.05, subjectsDaily: daily, weights: weights))
            return try #require(plan.days(difference: difference, tau: 0.01, probabilities: [0.5])[0])
        }
        #expect(try days(0.02) < days(0.01))
        #expect(try days(0.01, daily: 4000) < days(0.01))
        #expect(try days(0.01) < days(0.01, weights: [1, 1, 1]))
        #expect(try days(0.01) < days(0.01, weights: [9, 1]))
        // To the other side the rate, and so the variance, is smaller.
        #expect(try days(-0.01) <= days(0.01))
    }

    @Test(
        "half of the verdicts come by the day that was planned, within a tenth",
        arguments: [(0.2, 400, 0.15), (0.05, 2000, 0.3)])
    func simulated(rate: Double, daily: Int, lift: Double) throws {
        let traffic = Traffic(subjectsDaily: daily, baselineRate: rate, lift: lift, days: 120)
        let tally = VerdictSimulation(traffic: traffic).run(experiments: 400, seed: 11)
        let plan = try #require(TestPlan(baselineRate: rate, subjectsDaily: Double(daily), weights: [1, 1]))
        let planned = try #require(
            plan.days(difference: traffic.trueDifference, tau: traffic.tau, probabilities: [0.5])[0])
        let simulated = try #require(tally.medianVerdictDay)
        #expect(abs(Double(planned) - simulated) <= max(0.1 * simulated, 1))
    }

    @Test("the proposed τ is the one whose interval leaves 0 out the soonest", arguments: [0.0004, 0.01, 0.2])
    func tau(difference: Double) throws {
        let tau = plan.tau(for: difference)
        #expect(tau == plan.tau(for: -difference))
        /// The greatest variance at which the radius is the difference.
        func variance(_ tau: Double) throws -> Double {
            let sequence = try #require(ConfidenceSequence(.fivePercent, tau: tau))
            var (small, large) = (1e-15, 1.0)
            for _ in 0..<200 {
                let middle = (small * large).squareRoot()
                if sequence.radius(variance: middle) < difference { small = middle } else { large = middle }
            }
            return small
        }
        // It has two digits.
        let best = try variance(tau)
        for factor in [0.5, 0.8, 0.93, 1.08, 1.25, 2] { #expect(try variance(min(tau * factor, 1)) < best) }
    }

    @Test(
        "it costs the same whatever is asked: a τ that is far too small, hardly anybody who comes, dozens of outcomes",
        arguments: [(0.5, 1, 1), (0.5, 107, 63), (0.042, 900, 1), (1e-7, 1e9, 1), (0.3, 1e9, 63)])
    func cost(rate: Double, daily: Double, others: Int) throws {
        let weights = [1_000_000] + [Int](repeating: 1, count: others)
        let plan = try #require(TestPlan(baselineRate: rate, subjectsDaily: daily, weights: weights))
        for difference in [1e-7, 0.005, 0.4] {
            for tau in [1e-6, 0.01, 1] {
                let time = plan.verdictTime(difference: difference, tau: tau)
                #expect(time?.placesMax ?? 0 < 1000)
                #expect(time?.course.allSatisfy { (-1e-9...1).contains($0.probability) } != false)
            }
        }
    }

    @Test("a comparison that has run for long, and hardly anybody comes to, costs no more")
    func outlookCost() throws {
        let arm = try #require(Proportion(successes: 25_000, trials: 500_000))
        let outlook = try #require(
            VerdictOutlook(outcome: arm, baseline: arm, daily: (0.14, 0.14), sharedAmong: 1, tau: 0.01))
        #expect(outlook.time(difference: 0.01).placesMax < 1000)
    }

    @Test("what cannot be a test has no plan")
    func impossible() {
        #expect(TestPlan(baselineRate: 0, subjectsDaily: 1, weights: [1, 1]) == nil)
        #expect(TestPlan(baselineRate: 1, subjectsDaily: 1, weights: [1, 1]) == nil)
        #expect(TestPlan(baselineRate: 0.1, subjectsDaily: 0, weights: [1, 1]) == nil)
        #expect(TestPlan(baselineRate: 0.1, subjectsDaily: .infinity, weights: [1, 1]) == nil)
        #expect(TestPlan(baselineRate: 0.1, subjectsDaily: 1, weights: [1]) == nil)
        #expect(TestPlan(baselineRate: 0.1, subjectsDaily: 1, weights: [1, 0]) == nil)
        #expect(plan.days(difference: 0.99, tau: 0.01, probabilities: [0.5])[0] == nil)
        #expect(plan.days(difference: 0.00001, tau: 0.01, probabilities: [0.5])[0] == nil)
    }

    @Test("what a running comparison has seen makes it shorter or longer, and with nothing seen it is as planned")
    func outlook() throws {
        func outlook(_ outcome: (Int, Int), _ baseline: (Int, Int)) throws -> VerdictOutlook {
            let arms = [outcome, baseline].compactMap { Proportion(successes: $0.0, trials: $0.1) }
            return try #require(
                VerdictOutlook(outcome: arms[0], baseline: arms[1], daily: (1000, 1000), sharedAmong: 1, tau: 0.01))
        }
        let planned = try #require(plan.days(difference: 0.01, tau: 0.01, probabilities: [0.5])[0])
        let fresh = try #require(try outlook((3, 50), (3, 50)).days(difference: 0.01, probabilities: [0.5])[0])
        #expect(abs(fresh - planned) <= max(planned / 5, 2))
        let leaning = try #require(
            try outlook((580, 10_000), (500, 10_000)).days(difference: 0.01, probabilities: [0.5])[0])
        let opposed = try #require(
            try outlook((450, 10_000), (500, 10_000)).days(difference: 0.01, probabilities: [0.5])[0])
        #expect(leaning < planned && planned < opposed)
        let one = try #require(Proportion(successes: 1, trials: 10))
        #expect(VerdictOutlook(outcome: one, baseline: .none, daily: (1, 1), sharedAmong: 1, tau: 0.01) == nil)
        #expect(VerdictOutlook(outcome: one, baseline: one, daily: (0, 1), sharedAmong: 1, tau: 0.01) == nil)
    }
}
