import ConfigurationFile

/// Traffic that is known before it is sent: visitors who are exposed to outcomes and convert with known probabilities,
/// others who convert unexposed, and bots. The same seed makes the same plan.
struct SimulationPlan: Sendable {
    /// One exposure or conversion of one visitor.
    struct Step: Sendable, Equatable {
        /// An index into `visitors`.
        let visitor: Int
        let key: SimulationKey
        /// Whether it exposes a visitor who has met another outcome before.
        var crosses = false
        /// Where its token stands; nil when none is sent.
        var place: CredentialScheme?

        /// For a message.
        var noun: String { key.conversion == nil ? "an exposure" : "a conversion" }
    }

    /// Visitors who convert unexposed and bots, for each hundred who are exposed; one of each at least.
    private static let unexposedPercent = 4
    private static let botsPercent = 5

    let outcomes: [SimulatedOutcome]
    let visitors: [SimulatedVisitor]
    /// In the order in which they are due. Those of different visitors are mixed.
    let steps: [Step]

    /// - Parameters:
    ///   - exposedVisitors: How many are exposed; there are others besides.
    ///   - places: Where tokens may stand; empty when none are sent.
    init(exposedVisitors: Int, outcomes: SimulatedOutcomes, places: [CredentialScheme], seed: UInt64) {
        var drawing = SimulationDrawing(outcomes: outcomes, seed: seed)
        for _ in 0..<exposedVisitors { drawing.addExposed() }
        for _ in 0..<Self.share(Self.unexposedPercent, of: exposedVisitors) { drawing.addUnexposed() }
        for _ in 0..<Self.share(Self.botsPercent, of: exposedVisitors) { drawing.addBot() }
        self.outcomes = outcomes.all
        (visitors, steps) = drawing.finished(places: places)
    }

    private static func share(_ percent: Int, of count: Int) -> Int { max(1, count * percent / 100) }
}

/// What is counted apart under one rule version: the exposures to an outcome, and each conversion under it.
struct SimulationKey: Sendable, Hashable {
    let outcomeID: String
    /// nil for exposures.
    let conversion: String?

    static func exposure(to outcomeID: String) -> SimulationKey {
        SimulationKey(outcomeID: outcomeID, conversion: nil)
    }
}

/// A visitor who does not exist.
struct SimulatedVisitor: Sendable, Equatable {
    let trackingID: String
    /// The outcomes that the visitor is exposed to, the first one first: none, one, or a crossover's two.
    var outcomeIDs: [String] = []
    /// The User-Agent of a bot, which is not to be counted; nil for a person.
    var program: String?

    /// A tracking id, in either of the forms in which they are met.
    static func trackingID(using generator: inout SeededGenerator) -> String {
        Bool.random(using: &generator) ? uuid(using: &generator) : "TT\(hex(14, using: &generator).uppercased())"
    }

    /// A random UUID (RFC 9562, version 4) in lower case.
    private static func uuid(using generator: inout SeededGenerator) -> String {
        let variant = ["8", "9", "a", "b"].randomElement(using: &generator) ?? "8"
        let groups = [
            hex(8, using: &generator), hex(4, using: &generator), "4" + hex(3, using: &generator),
            variant + hex(3, using: &generator), hex(12, using: &generator),
        ]
        return groups.joined(separator: "-")
    }

    private static func hex(_ digits: Int, using generator: inout SeededGenerator) -> String {
        (0..<digits).map { _ in String(Int.random(in: 0..<16, using: &generator), radix: 16) }.joined()
    }
}

/// Draws a plan, a visitor at a time.
///
/// A time is a part of the run, which goes as fast as the server answers: it says which of the other visitors' steps
/// come before.
struct SimulationDrawing {
    /// How long after an exposure comes what follows from it.
    private static let delay = 0.005..<0.3
    /// How long before its exposure a conversion comes that overtakes it. It counts, up to half an hour before.
    private static let lead = 0.001..<0.02
    /// One in so many is recorded again, overtakes its exposure, or meets another outcome.
    private static let repeatedOneIn = 4
    private static let overtakingOneIn = 8
    private static let crossingOneIn = 50
    /// Programs that nginx/http.conf takes for bots.
    private static let programs = [
        "Mozilla/5.0 (compatible; ExampleBot/1.0)", "ExampleCrawler/1.0", "ExampleSpider/1.0",
    ]

    private let outcomes: SimulatedOutcomes
    private var generator: SeededGenerator
    private var trackingIDs: Set<String> = []
    private var visitors: [SimulatedVisitor] = []
    private var steps: [(time: Double, step: SimulationPlan.Step)] = []

    init(outcomes: SimulatedOutcomes, seed: UInt64) {
        self.outcomes = outcomes
        generator = SeededGenerator(seed: seed)
    }

    /// Adds a visitor who is exposed to an outcome, and one in some to another one later. Each outcome's own rates hold
    /// for whoever is exposed to it, so that crossovers change no true rate.
    mutating func addExposed() {
        let first = outcomes.drawn(using: &generator)
        let time = addVisitor()
        expose(to: outcomes.all[first], at: time, crosses: false)
        guard oneIn(Self.crossingOneIn), let other = outcomes.drawn(besides: first, using: &generator) else { return }
        expose(to: outcomes.all[other], at: later(time), crosses: true)
    }

    /// Adds a visitor who converts, and whose exposure was not recorded.
    mutating func addUnexposed() {
        let outcome = outcomes.all[outcomes.drawn(using: &generator)]
        let conversion = SimulatedOutcome.conversions.randomElement(using: &generator)
        let time = addVisitor()
        if let conversion { convert(SimulationKey(outcomeID: outcome.id, conversion: conversion), at: time) }
    }

    /// Adds a program that does what visitors do.
    mutating func addBot() {
        let outcome = outcomes.all[outcomes.drawn(using: &generator)]
        let time = addVisitor(program: Self.programs.randomElement(using: &generator))
        add(.exposure(to: outcome.id), at: time)
        let conversion = SimulatedOutcome.conversions.randomElement(using: &generator)
        add(SimulationKey(outcomeID: outcome.id, conversion: conversion), at: later(time))
    }

    /// What was drawn, in order. Tokens are placed last: where a site accepts them changes nothing else.
    consuming func finished(places: [CredentialScheme]) -> (visitors: [SimulatedVisitor], steps: [SimulationPlan.Step])
    {
        let ordered = steps.sorted { $0.time < $1.time }.map(\.step)
        let placed = ordered.map { step in
            var step = step
            step.place = places.randomElement(using: &generator)
            return step
        }
        return (visitors, placed)
    }

    private mutating func expose(to outcome: SimulatedOutcome, at time: Double, crosses: Bool) {
        visitors[visitors.count - 1].outcomeIDs.append(outcome.id)
        add(.exposure(to: outcome.id), at: time, crosses: crosses)
        if oneIn(Self.repeatedOneIn) { add(.exposure(to: outcome.id), at: later(time)) }
        for conversion in SimulatedOutcome.conversions {
            guard Double.random(in: 0..<100, using: &generator) < outcome.truePercent(of: conversion) else { continue }
            let overtakes = oneIn(Self.overtakingOneIn)
            let moment = overtakes ? time - Double.random(in: Self.lead, using: &generator) : later(time)
            convert(SimulationKey(outcomeID: outcome.id, conversion: conversion), at: moment)
        }
    }

    private mutating func convert(_ key: SimulationKey, at time: Double) {
        add(key, at: time)
        if oneIn(Self.repeatedOneIn) { add(key, at: later(time)) }
    }

    /// Adds whoever does the next steps, and returns when the visitor arrives.
    private mutating func addVisitor(program: String? = nil) -> Double {
        var id = SimulatedVisitor.trackingID(using: &generator)
        while !trackingIDs.insert(id).inserted { id = SimulatedVisitor.trackingID(using: &generator) }
        visitors.append(SimulatedVisitor(trackingID: id, program: program))
        return Double.random(in: 0..<1, using: &generator)
    }

    private mutating func add(_ key: SimulationKey, at time: Double, crosses: Bool = false) {
        let step = SimulationPlan.Step(visitor: visitors.count - 1, key: key, crosses: crosses)
        steps.append((time, step))
    }

    private mutating func later(_ time: Double) -> Double { time + Double.random(in: Self.delay, using: &generator) }

    private mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
}

/// SplitMix64: the same numbers for the same seed, so that a simulation can be run again.
///
/// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
