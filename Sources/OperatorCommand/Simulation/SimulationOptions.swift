import ArgumentParser

/// What traffic is simulated.
struct SimulationOptions: ParsableArguments {
    private static let outcomesDefault = 2
    private static let outcomesMax = 1_000_000
    private static let weightMax = 1_000_000

    @Option(
        help: ArgumentHelp(
            "How many visitors are exposed to an outcome. Some more convert unexposed, or are bots.",
            valueName: "count"))
    var visitors = 1000

    @Option(
        help: ArgumentHelp(
            "How many outcomes the visitors are assigned to. Without it as many as there are rates or weights, or 2.",
            valueName: "count"))
    var outcomes: Int?

    @Option(
        help: ArgumentHelp(
            "The true rate of REGISTERED for each outcome, in percent; that of CUSTOMER is two fifths of it. Without "
                + "it 5,8,11,14,17,20, and from 5 again.", valueName: "percent,..."),
        transform: Self.rates)
    var rates: [Double]?

    @Option(
        help: ArgumentHelp(
            "How many visitors are assigned to each outcome in proportion to the others. Without it equally many.",
            valueName: "weight,..."),
        transform: Self.weights)
    var weights: [Int]?

    @Option(help: ArgumentHelp("How many requests are under way at a time.", valueName: "count"))
    var concurrency = 32

    @Option(
        help: ArgumentHelp(
            "The rule version, of which nothing may be counted yet. Without it one is made up.", valueName: "rule-id"))
    var rule: String?

    @Option(
        help: ArgumentHelp(
            "Makes the same visitors, exposures and conversions as another run with it. Without it they are new.",
            valueName: "number"))
    var seed: UInt64?

    func validate() throws {
        try Self.check("--visitors", visitors, 1...1_000_000)
        try Self.check("--outcomes", outcomeCount, 1...Self.outcomesMax)
        try Self.check("--concurrency", concurrency, 1...1024)
        try check("--rates", rates?.count)
        try check("--weights", weights?.count)
    }

    var outcomeCount: Int { outcomes ?? rates?.count ?? weights?.count ?? Self.outcomesDefault }

    var simulatedOutcomes: SimulatedOutcomes {
        SimulatedOutcomes(count: outcomeCount, weights: weights, registeredPercents: rates)
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value).")
        }
    }

    /// There has to be one for each outcome.
    private func check(_ name: String, _ count: Int?) throws {
        guard let count, count != outcomeCount else { return }
        throw ValidationError("\(name) must have one number for each of the \(outcomeCount) outcomes, not \(count).")
    }

    static func rates(_ text: String) throws -> [Double] {
        try numbers(text) { part in
            guard let rate = Double(part), (0...100).contains(rate) else {
                throw ValidationError("'\(part)' is no percentage from 0 to 100; write them like 5,8 or 2.5,3.")
            }
            return rate
        }
    }

    static func weights(_ text: String) throws -> [Int] {
        try numbers(text) { part in
            guard let weight = Int(part), (1...weightMax).contains(weight) else {
                throw ValidationError("'\(part)' is no whole number from 1 to \(weightMax); write them like 1,9.")
            }
            return weight
        }
    }

    private static func numbers<Number>(_ text: String, _ number: (Substring) throws -> Number) rethrows -> [Number] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map(number)
    }
}
