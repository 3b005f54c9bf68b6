import ConfigurationFile

/// Traffic that is known before it is sent: visitors, each of whom was shown one outcome, and what they do, in order.
///
/// Every visitor converts at least once, some under both names, some again and again. The same seed makes the same plan.
struct SimulationPlan: Sendable {
    struct Size: Sendable {
        /// Each at least 1.
        let visitors: Int
        /// At least so many; more when there are many visitors.
        let conversions: Int
        let outcomes: Int
    }

    /// One conversion of one visitor.
    struct Step: Sendable, Equatable {
        /// An index into `visitors`.
        let visitor: Int
        let conversion: String
        /// Where its token stands; nil when none is sent.
        let place: CredentialScheme?
    }

    /// What Zephr's own components send.
    static let conversions = ["REGISTERED", "CUSTOMER"]

    let visitors: [SimulatedVisitor]
    let steps: [Step]

    /// - Parameter places: Where tokens may stand; empty when none are sent.
    init(_ size: Size, places: [CredentialScheme], seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let visitors = SimulatedVisitor.distinct(size.visitors, outcomes: size.outcomes, using: &generator)
        var steps: [Step] = []
        func add(_ visitor: Int, _ conversion: String) {
            steps.append(
                Step(visitor: visitor, conversion: conversion, place: places.randomElement(using: &generator)))
        }
        for visitor in visitors.indices {
            for conversion in Self.someConversions(using: &generator) {
                add(visitor, conversion)
                if Int.random(in: 0..<4, using: &generator) == 0 { add(visitor, conversion) }
            }
        }
        while steps.count < size.conversions, let earlier = steps.randomElement(using: &generator) {
            add(earlier.visitor, earlier.conversion)
        }
        steps.shuffle(using: &generator)
        self.visitors = visitors
        self.steps = steps
    }

    func key(of step: Step) -> SimulationKey {
        SimulationKey(outcomeID: visitors[step.visitor].outcomeID, conversion: step.conversion)
    }

    /// Most visitors convert under one of the names, some under both.
    private static func someConversions(using generator: inout SeededGenerator) -> [String] {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<6: [conversions[0]]
        case 6..<8: [conversions[1]]
        default: conversions
        }
    }
}
