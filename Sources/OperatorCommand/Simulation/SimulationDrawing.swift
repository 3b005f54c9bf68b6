import ConfigurationFile

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
