import ConfigurationFile
import Testing

@testable import OperatorCommand

@Suite struct SimulationPlanTests {
    private static let places: [CredentialScheme] = [.bearer, .zephrHeader, .blaizeHeader, .cookie]

    private func plan(
        visitors: Int = 20_000, outcomes: SimulatedOutcomes = SimulatedOutcomes(count: 3),
        places: [CredentialScheme] = places, seed: UInt64 = 1
    ) -> SimulationPlan {
        SimulationPlan(exposedVisitors: visitors, outcomes: outcomes, places: places, seed: seed)
    }

    /// The places in the order of steps at which the visitors of that kind do something, by visitor.
    private func journeys(
        of plan: SimulationPlan, where isIncluded: (SimulatedVisitor) -> Bool
    ) -> [Int: [SimulationPlan.Step]] {
        Dictionary(grouping: plan.steps, by: \.visitor).filter { isIncluded(plan.visitors[$0.key]) }
    }

    @Test("The same seed makes the same plan, another makes another")
    func deterministic() {
        let plan = plan(visitors: 300)
        let other = self.plan(visitors: 300, seed: 2)
        let same = self.plan(visitors: 300)
        #expect(plan.visitors == same.visitors && plan.steps == same.steps)
        #expect(plan.visitors != other.visitors && plan.steps != other.steps)
    }

    @Test("Where a site accepts tokens changes nothing but where they stand")
    func placement() {
        let plan = plan(visitors: 300)
        #expect(Set(plan.steps.compactMap(\.place)) == Set(Self.places))
        for places in [[], [.cookie]] as [[CredentialScheme]] {
            let other = self.plan(visitors: 300, places: places)
            #expect(other.visitors == plan.visitors)
            #expect(other.steps.map(\.key) == plan.steps.map(\.key))
            #expect(other.steps.allSatisfy { $0.place == places.first })
        }
    }

    @Test(
        "There are as many exposed visitors as asked for, and at least one unexposed and one bot", arguments: [1, 1000])
    func visitors(count: Int) {
        let plan = plan(visitors: count)
        let people = plan.visitors.filter { $0.program == nil }
        #expect(people.count { !$0.outcomeIDs.isEmpty } == count)
        #expect(people.count { $0.outcomeIDs.isEmpty } == max(1, count / 25))
        #expect(plan.visitors.count - people.count == max(1, count / 20))
        #expect(Set(plan.steps.map(\.visitor)).count == plan.visitors.count)
    }

    @Test("No two visitors are alike, and both forms of tracking id are met")
    func trackingIDs() {
        let ids = plan(visitors: 300).visitors.map(\.trackingID)
        #expect(Set(ids).count == ids.count)
        let short = ids.filter { $0.hasPrefix("TT") && $0.utf8.count == 16 }
        let uuids = ids.filter { $0.utf8.count == 36 && $0.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12] }
        #expect(short.count + uuids.count == ids.count)
        #expect(!short.isEmpty && !uuids.isEmpty)
    }

    @Test("The rates that a plan comes to scatter around the true ones")
    func trueRates() {
        let outcomes = SimulatedOutcomes(count: 3, registeredPercents: [5, 8, 30])
        let plan = plan(outcomes: outcomes)
        let sent = SimulationTally(of: plan)
        for outcome in outcomes.all {
            let exposed = sent.count(of: .exposure(to: outcome.id)).visitors
            for conversion in SimulatedOutcome.conversions {
                let converters = sent.count(of: SimulationKey(outcomeID: outcome.id, conversion: conversion)).visitors
                let truth = outcome.truePercent(of: conversion) / 100
                let count = Double(exposed.count)
                let distance = Double(converters.intersection(exposed).count) - count * truth
                // Four standard deviations: with another seed one in some thousands would be further away.
                #expect(
                    distance.magnitude < 4 * (count * truth * (1 - truth)).squareRoot(), "\(outcome.id) \(conversion)")
            }
        }
    }

    @Test("Rates of 0 and 100 % leave nothing to chance")
    func certain() {
        let plan = plan(visitors: 500, outcomes: SimulatedOutcomes(count: 2, registeredPercents: [0, 100]))
        let sent = SimulationTally(of: plan)
        let ids = plan.outcomes.map(\.id)
        let never = sent.count(of: SimulationKey(outcomeID: ids[0], conversion: "REGISTERED")).visitors
        let always = sent.count(of: SimulationKey(outcomeID: ids[1], conversion: "REGISTERED")).visitors
        #expect(never.isDisjoint(with: sent.count(of: .exposure(to: ids[0])).visitors))
        #expect(always.isSuperset(of: sent.count(of: .exposure(to: ids[1])).visitors))
    }

    @Test("Visitors are assigned by the weights")
    func weights() {
        let plan = plan(outcomes: SimulatedOutcomes(count: 3, weights: [1, 2, 7]))
        let firsts = Dictionary(grouping: plan.visitors.compactMap(\.outcomeIDs.first)) { $0 }.mapValues(\.count)
        for (number, weight) in zip(1..., [1.0, 2, 7]) {
            let share = Double(firsts[SimulatedOutcome.id(number)] ?? 0) / 20_000
            #expect((share - weight / 10).magnitude < 0.02)
        }
        #expect(SimulatedOutcomes(count: 3, weights: [1, 1, 1]) == SimulatedOutcomes(count: 3))
    }

    @Test("Crossovers meet the second outcome after the first, and are few")
    func crossovers() {
        let plan = plan()
        let journeys = journeys(of: plan) { $0.outcomeIDs.count > 1 }
        #expect((200...600).contains(journeys.count))
        for (visitor, steps) in journeys {
            let exposures = steps.filter { $0.key.conversion == nil }
            let met = exposures.map(\.key.outcomeID)
            #expect(met.first == plan.visitors[visitor].outcomeIDs[0])
            #expect(Set(met) == Set(plan.visitors[visitor].outcomeIDs) && Set(met).count == 2)
            #expect(exposures.filter(\.crosses).map(\.key.outcomeID) == [plan.visitors[visitor].outcomeIDs[1]])
        }
        let alone = self.plan(visitors: 500, outcomes: SimulatedOutcomes(count: 1))
        #expect(alone.visitors.allSatisfy { $0.outcomeIDs.count <= 1 })
    }

    @Test("Most conversions follow the exposure, some come before it, and others' steps lie between")
    func delays() {
        let plan = plan()
        var before = 0
        var after = 0
        var exposed: [SimulationKey: Set<Int>] = [:]
        for step in plan.steps where !plan.visitors[step.visitor].outcomeIDs.isEmpty {
            let exposure = SimulationKey.exposure(to: step.key.outcomeID)
            if step.key.conversion == nil { exposed[exposure, default: []].insert(step.visitor) }
            guard step.key.conversion != nil else { continue }
            if exposed[exposure]?.contains(step.visitor) == true { after += 1 } else { before += 1 }
        }
        #expect(before > 0 && after > 4 * before)
        #expect(zip(plan.steps, plan.steps.dropFirst()).count { $0.visitor == $1.visitor } < plan.steps.count / 1000)
    }

    @Test("Some exposures and conversions are repeated")
    func repeats() {
        let plan = plan(visitors: 1000)
        let sent = SimulationTally(of: plan)
        for (key, count) in sent.counts {
            #expect(count.acknowledged > count.visitors.count || count.visitors.count < 20, "\(key)")
            #expect(count.acknowledged < 2 * count.visitors.count || count.visitors.count < 20, "\(key)")
        }
    }

    @Test("The unexposed convert and are exposed to nothing; bots are exposed, too, and are known by their programs")
    func others() {
        let plan = plan(visitors: 1000)
        let unexposed = journeys(of: plan) { $0.program == nil && $0.outcomeIDs.isEmpty }
        #expect(unexposed.values.allSatisfy { $0.allSatisfy { $0.key.conversion != nil } })
        let bots = journeys(of: plan) { $0.program != nil }
        #expect(bots.values.allSatisfy { $0.contains { $0.key.conversion == nil } })
        let known = /(?i)bot\b|crawler|spider/
        #expect(plan.visitors.compactMap(\.program).allSatisfy { $0.contains(known) })
    }
}

extension SimulationTally {
    /// A plan that is carried out without a fault.
    init(of plan: SimulationPlan) {
        self.init()
        for step in plan.steps {
            if plan.visitors[step.visitor].program == nil {
                recorded(step.key, visitor: step.visitor, attempts: 1)
            } else {
                answeredBot(status: 204)
            }
        }
    }
}
