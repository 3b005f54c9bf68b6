import ConfigurationFile
import Testing

@testable import OperatorCommand

@Suite struct SimulationPlanTests {
    private static let places: [CredentialScheme] = [.bearer, .zephrHeader, .blaizeHeader, .cookie]

    private func plan(
        visitors: Int = 300, conversions: Int = 2000, outcomes: Int = 3, places: [CredentialScheme] = places,
        seed: UInt64 = 1
    ) -> SimulationPlan {
        SimulationPlan(
            SimulationPlan.Size(visitors: visitors, conversions: conversions, outcomes: outcomes), places: places,
            seed: seed)
    }

    @Test("The same seed makes the same plan, another makes another")
    func deterministic() {
        #expect(plan().visitors == plan().visitors)
        #expect(plan().steps == plan().steps)
        #expect(plan().visitors != plan(seed: 2).visitors)
        #expect(plan().steps != plan(seed: 2).steps)
    }

    @Test("Visitors stand in an order of their own, not in a set's, which is another in every process")
    func ordered() {
        let ids = plan().visitors.map(\.trackingID)
        #expect(ids == ids.sorted())
    }

    @Test("There are as many visitors as asked for, no two alike, in both forms of tracking id")
    func visitors() {
        let ids = plan().visitors.map(\.trackingID)
        #expect(Set(ids).count == 300)
        let short = ids.filter { $0.hasPrefix("TT") && $0.utf8.count == 16 }
        let uuids = ids.filter { $0.utf8.count == 36 && $0.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12] }
        #expect(short.count + uuids.count == 300)
        #expect(!short.isEmpty && !uuids.isEmpty)
    }

    @Test(
        "Every visitor converts, and there are as many conversions as asked for at least",
        arguments: [(1, 1, 1), (1, 50, 2), (300, 1, 2), (300, 2000, 3), (300, 300, 500)])
    func everyone(visitors: Int, conversions: Int, outcomes: Int) {
        let plan = plan(visitors: visitors, conversions: conversions, outcomes: outcomes)
        #expect(Set(plan.steps.map(\.visitor)) == Set(0..<visitors))
        #expect(plan.steps.count >= conversions)
        #expect(conversions < visitors * 2 || plan.steps.count <= max(conversions, visitors * 4))
    }

    @Test("A visitor stays with one outcome, and all outcomes and both conversions are met")
    func outcomes() {
        let plan = plan()
        let keys = Set(plan.steps.map(plan.key))
        #expect(keys.count == 6)
        #expect(Set(keys.map(\.outcomeID)) == Set((1...3).map(SimulatedVisitor.outcomeID)))
        let outcomesByVisitor = Dictionary(grouping: plan.steps, by: \.visitor)
            .mapValues { Set($0.map { plan.key(of: $0).outcomeID }).count }
        #expect(outcomesByVisitor.values.allSatisfy { $0 == 1 })
    }

    @Test("Some convert under both names, some again under the same")
    func repeats() {
        let steps = Dictionary(grouping: plan(conversions: 1).steps, by: \.visitor).values
        #expect(steps.contains { Set($0.map(\.conversion)).count == 2 })
        #expect(steps.contains { $0.count > Set($0.map(\.conversion)).count })
        #expect(steps.contains { $0.count == 1 })
    }

    @Test("Tokens stand in every place there is, and nowhere when there is none")
    func placement() {
        #expect(Set(plan().steps.compactMap(\.place)) == Set(Self.places))
        #expect(plan(places: [.cookie]).steps.allSatisfy { $0.place == .cookie })
        #expect(plan(places: []).steps.allSatisfy { $0.place == nil })
    }

    @Test("A plan that is carried out without a fault is counted by its own numbers")
    func sums() {
        let plan = plan()
        var tally = SimulationTally()
        for step in plan.steps { tally.acknowledged(plan.key(of: step), visitor: step.visitor, attempts: 1) }
        #expect(tally.visitors == 300)
        #expect(tally.acknowledged == plan.steps.count)
        #expect(tally.attempted == plan.steps.count)
        let pairs = Set(plan.steps.map { "\($0.visitor) \($0.conversion)" })
        #expect(tally.counts.values.reduce(0) { $0 + $1.visitors.count } == pairs.count)
    }
}
