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
