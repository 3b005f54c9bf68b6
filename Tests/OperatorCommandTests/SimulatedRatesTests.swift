import Analytics
import Testing

@testable import OperatorCommand

@Suite struct SimulatedRatesTests {
    private func rates(low: Double, high: Double) throws -> SimulatedRates {
        let report = try OutcomesReport.decoded(
            """
            {"outcomeId": "\(SimulatedOutcome.id(1))", "exposed": 2000, "exposures": 2000, "maturing": 0, "verdict": {"word": "maturing"},
            "conversions": [{"conversion": "REGISTERED", "converted": 100, "unattributed": 0, "visitors": 100,
            "events": 100, "rate": 0.05, "rateInterval": {"low": \(low), "high": \(high)}}]}
            """)
        return SimulatedRates(
            outcomes: SimulatedOutcomes(count: 1, registeredPercents: [5.5]).all, report: report)
    }

    @Test(
        "An interval holds the truth that lies in it, its ends included",
        arguments: [
            (0.04, 0.06, true), (0.055, 0.06, true), (0.04, 0.055, true), (0.04, 0.05, false), (0.06, 0.07, false),
        ])
    func holds(low: Double, high: Double, expected: Bool) throws {
        let rate = try #require(try rates(low: low, high: high).all.first)
        #expect(rate.holds == expected)
    }

    @Test("The table has the truth, what was measured, and whether the one lies in the other's interval")
    func table() throws {
        let rates = try rates(low: 0.0413, high: 0.0604)
        let id = SimulatedOutcome.id(1)
        #expect(
            TextTable(rates).text() == """
                outcome                        conversion  true rate  measured     95 % interval
                \(id)  REGISTERED      5.5 %    5.00 %  4.13 % to 6.04 %  holds 5.5 %
                \(id)  CUSTOMER        2.2 %                              none recorded

                """)
        let missing = TextTable(try self.rates(low: 0.06, high: 0.07)).text()
        #expect(missing.contains("6.00 % to 7.00 %  misses\n"))
        let beginning = "1 of 1 intervals hold the true rate, and 1 rates have none, since nobody converted."
        #expect(rates.closing.hasPrefix("\(beginning) At 95 % about one interval in twenty misses;"))
    }
}
