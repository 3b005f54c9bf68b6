import Testing

@testable import Responder

@Suite("Forwarding under random events")
struct ForwardingModelTests {
    @Test("every waiter is resolved once and in order, by an answer for its own record or by its deadline")
    func model() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("forwarding model: seed \(seed)")
        var seen: Set<ForwardingFate> = []
        for run in 0..<300 {
            var model = ForwardingModel(seed: seed &+ UInt64(run))
            try model.run(events: 400)
            #expect(model.faults.isEmpty, "seed \(seed &+ UInt64(run))")
            seen.formUnion(model.fates.values)
        }
        #expect(seen.count == 5, "every fate occurs")
    }
}
