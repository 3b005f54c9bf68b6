import Analytics
import ArgumentParser
import FoundationEssentials

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

/// An outcome whose true rates are known.
struct SimulatedOutcome: Sendable, Equatable {
    /// What Zephr's own components send.
    static let conversions = ["REGISTERED", "CUSTOMER"]
    /// How many visitors become customers for each one that registers.
    private static let customersPerRegistered = 0.4

    let id: String
    /// How many visitors are assigned to it, in proportion to the others.
    let weight: Int
    /// With which probability a visitor who is shown it registers, in percent.
    let registeredPercent: Double

    /// - Parameter number: From 1, in the order of the rule's outcomes.
    init(number: Int, weight: Int, registeredPercent: Double) {
        id = Self.id(number)
        self.weight = weight
        self.registeredPercent = registeredPercent
    }

    /// With which probability a visitor who is shown it does the conversion, in percent.
    func truePercent(of conversion: String) -> Double {
        conversion == Self.conversions[0] ? registeredPercent : registeredPercent * Self.customersPerRegistered
    }

    /// The id of the outcome with that number, in the form of a path through a rule.
    static func id(_ number: Int) -> String {
        "graph/1#1,graph/1#2,graph/2#\(number)"
    }
}

/// The outcomes of the simulated rule version, to which visitors are assigned at random by the weights.
struct SimulatedOutcomes: Sendable, Equatable {
    /// Of the rates where none are given: 5 %, 8 %, … up to 20 %, then from the first again.
    private static let defaultPercents = [5.0, 8, 11, 14, 17, 20]

    let all: [SimulatedOutcome]
    /// The sums of the weights up to and with each outcome.
    private let ends: [Int]

    /// - Parameters:
    ///   - count: At least 1.
    ///   - weights: As many as outcomes, each at least 1; nil for equal ones.
    ///   - registeredPercents: As many as outcomes, each from 0 to 100; nil for the default ones.
    init(count: Int, weights: [Int]? = nil, registeredPercents: [Double]? = nil) {
        all = (0..<count).map { index in
            SimulatedOutcome(
                number: index + 1, weight: weights?[index] ?? 1,
                registeredPercent: registeredPercents?[index]
                    ?? Self.defaultPercents[index % Self.defaultPercents.count])
        }
        var sum = 0
        ends = all.map { outcome in
            sum += outcome.weight
            return sum
        }
    }

    /// The index of an outcome, drawn by the weights.
    func drawn(using generator: inout SeededGenerator) -> Int {
        let point = Int.random(in: 0..<(ends.last ?? 1), using: &generator)
        var candidates = all.indices
        while candidates.count > 1 {
            let middle = candidates.lowerBound + candidates.count / 2
            candidates = ends[middle - 1] > point ? candidates.lowerBound..<middle : middle..<candidates.upperBound
        }
        return candidates.lowerBound
    }

    /// The index of an outcome other than that one; nil when there is none.
    func drawn(besides index: Int, using generator: inout SeededGenerator) -> Int? {
        guard all.count > 1 else { return nil }
        return (index + Int.random(in: 1..<all.count, using: &generator)) % all.count
    }
}

/// The true rates beside those that were measured.
struct SimulatedRates {
    /// The rate of a conversion under an outcome.
    struct Rate {
        let outcomeID: String
        let conversion: String
        let truePercent: Double
        /// As the report has it; nil when it has none.
        let measured: Double?
        /// As the report has it, with 95 % confidence; nil when it has none.
        let interval: Bounds?

        /// nil when there is no interval.
        var holds: Bool? {
            interval.map { ($0.low...$0.high).contains(truePercent / 100) }
        }
    }

    /// In the order of the outcomes.
    let all: [Rate]

    /// - Parameter report: nil when nothing of the rule version is counted.
    init(outcomes: [SimulatedOutcome], report: OutcomesReport?) {
        let rows = Dictionary((report?.outcomes ?? []).map { ($0.id, $0.conversions) }) { first, _ in first }
        all = outcomes.flatMap { outcome in
            SimulatedOutcome.conversions.map { name in
                let row = rows[outcome.id]?.first { $0.name == name }
                return Rate(
                    outcomeID: outcome.id, conversion: name, truePercent: outcome.truePercent(of: name),
                    measured: row?.rate, interval: row?.rateInterval)
            }
        }
    }

    /// How many intervals hold the truth, and what that says.
    var closing: String {
        let verdicts = all.compactMap(\.holds)
        let others = all.count - verdicts.count
        let absent = others > 0 ? ", and \(others) rates have none, since nobody converted" : ""
        return "\(verdicts.count { $0 }) of \(verdicts.count) intervals hold the true rate\(absent). At 95 % about one "
            + "interval in twenty misses; only the counts decide the exit status."
    }
}

extension TextTable {
    init(_ rates: SimulatedRates) {
        self.init(columns: [
            Column("outcome", .left, .shortened), Column("conversion", .left, .shortened, isKey: true),
            Column("true rate", .right), Column("measured", .right), Column("95 % interval", .right), Column(""),
        ])
        for rate in rates.all {
            let truth = rate.truePercent.asPercent
            append([
                rate.outcomeID, rate.conversion, truth, rate.measured?.percentage ?? "",
                rate.interval.map { "\($0.low.percentage) to \($0.high.percentage)" } ?? "",
                rate.holds.map { $0 ? "holds \(truth)" : "misses" } ?? "none recorded",
            ])
        }
    }
}

extension Double {
    /// A number of per cent without needless digits: `5 %`, `3.2 %`.
    fileprivate var asPercent: String {
        "\(withDecimals(upTo: 3)) %"
    }
}
