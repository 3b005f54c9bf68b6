import Analytics
import Testing

@testable import OperatorCommand

@Suite struct SimulationOptionsTests {
    @Test("Rates and weights are one for each outcome, and say how many outcomes there are")
    func read() throws {
        let options = try SimulationOptions.parse(["--rates", "5,8.25,0", "--weights", "1,2,7"])
        #expect(options.simulatedOutcomes.all.map(\.registeredPercent) == [5, 8.25, 0])
        #expect(options.simulatedOutcomes.all.map(\.weight) == [1, 2, 7])
        let defaults = try SimulationOptions.parse([]).simulatedOutcomes.all
        #expect(defaults.map(\.registeredPercent) == [5, 8] && defaults.map(\.weight) == [1, 1])
        let seven = try SimulationOptions.parse(["--outcomes", "7"]).simulatedOutcomes.all
        #expect(seven.map(\.registeredPercent) == [5, 8, 11, 14, 17, 20, 5])
    }

    @Test(
        "What is wrong is said, with what would be right",
        arguments: [
            (["--rates", "5,x"], "'x' is no percentage from 0 to 100"),
            (["--rates", "5,"], "'' is no percentage from 0 to 100"),
            (["--rates", "5,100.5"], "'100.5' is no percentage"), (["--rates", "nan"], "'nan' is no percentage"),
            (["--weights", "1,0"], "'0' is no whole number from 1 to 1000000"),
            (["--weights", "1,1.5"], "'1.5' is no whole number"),
            (["--rates", "5,8", "--outcomes", "3"], "--rates must have one number for each of the 3 outcomes, not 2"),
            (["--rates", "5,8", "--weights", "1"], "--weights must have one number for each of the 2 outcomes, not 1"),
            (["--visitors", "0"], "--visitors must be from 1 to 1000000, not 0"),
            (["--outcomes", "0"], "--outcomes must be from 1 to 1000000, not 0"),
            (["--concurrency", "1025"], "--concurrency must be from 1 to 1024, not 1025"),
        ])
    func refused(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try SimulationOptions.parse(arguments) }
        #expect(error.map { SimulationOptions.fullMessage(for: $0) }?.contains(message) == true)
    }
}

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
