import Testing

@testable import Analytics

@Suite("Planning a test")
struct PlanReportTests {
    @Test("the table has the difference that was asked about, and the days count the window")
    func rows() throws {
        let question = try PlanQuestion(rate: 0.05, visitorsDaily: 2000, difference: 0.01)
        let report = try PlanReport(question)
        #expect(report.rows.map(\.difference) == [0.005, 0.01, 0.015, 0.02, 0.03, 0.04])
        let main = try #require(report.main)
        #expect(abs(main.lift - 0.2) < 1e-12)
        #expect(report.tau == 0.0094)
        let longer = try PlanReport(PlanQuestion(rate: 0.05, visitorsDaily: 2000, difference: 0.01, windowDays: 21))
        #expect(longer.rows.map { $0.halfByDay.map { $0 - 14 } } == report.rows.map(\.halfByDay))
        let declared = try PlanReport(PlanQuestion(rate: 0.05, visitorsDaily: 2000, difference: 0.01, tau: 0.05))
        #expect(declared.tau == 0.05)
        #expect(try #require(declared.main?.halfByDay) > #require(main.halfByDay))
    }

    @Test("differences with which the rate would be no rate are left out, and what takes years has no day")
    func ends() throws {
        let high = try PlanReport(PlanQuestion(rate: 0.9, visitorsDaily: 100, difference: 0.04))
        #expect(high.rows.map(\.difference) == [0.02, 0.04, 0.06, 0.08])
        let small = try PlanReport(PlanQuestion(rate: 0.01, visitorsDaily: 10, difference: 0.001))
        #expect(small.main?.halfByDay == nil)
    }

    @Test(
        "what cannot be planned is said to be so, and what could be",
        arguments: [
            (0, 1, 0.1, 7, nil, "between 0.00001 and 100 %"), (1.2, 1, 0.1, 7, nil, "100 %"),
            (1e-300, 1, 0.1, 7, nil, "100 %"),
            (0.1, 0, 0.1, 7, nil, "from 1 to"), (0.1, .nan, 0.1, 7, nil, "from 1 to"),
            (0.1, 9, 0, 7, nil, "from 0.00001"), (0.1, 9, 1e-300, 7, nil, "from 0.00001"),
            (0.95, 9, 0.06, 7, nil, "below 100 %"), (0.1, 9, 0.1, 0, nil, "from 1 to 90"),
            (0.1, 9, 0.1, 7, 2, "from 0.0001 to 0.5"),
        ] as [(Double, Double, Double, Int, Double?, String)])
    func faults(rate: Double, visitors: Double, difference: Double, window: Int, tau: Double?, text: String) {
        let fault = #expect(throws: PlanFault.self) {
            try PlanQuestion(rate: rate, visitorsDaily: visitors, difference: difference, windowDays: window, tau: tau)
        }
        #expect(fault?.description.contains(text) == true)
    }

    @Test("the τ that is proposed can be declared")
    func declarable() throws {
        let small = try PlanReport(PlanQuestion(rate: 0.001, visitorsDaily: 1e6, difference: 0.00001))
        #expect(small.tau == 0.0001)
        let large = try PlanReport(PlanQuestion(rate: 0.2, visitorsDaily: 10, difference: 0.7))
        #expect(large.tau == 0.5)
    }

    @Test("a split is weights with colons between")
    func splits() throws {
        #expect(try PlanQuestion.weights("50:25:25") == [50, 25, 25])
        for text in ["", "50", "50:", "50,50", "1:-1", "1:a", "1:99999999999999999999"] {
            #expect(throws: PlanFault.self) {
                try PlanQuestion(rate: 0.1, visitorsDaily: 9, weights: try PlanQuestion.weights(text), difference: 0.1)
            }
        }
    }
}
