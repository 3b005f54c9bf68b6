import EventLoop
import Foundation
import Testing

/// One after the other: there is one simulated disk in a process.
@Suite("The whole way of a record, simulated", .serialized)
struct SimulationTests {
    private static let stepsPerSchedule = 120
    private static let schedulesDefault = 400

    @Test("whatever fails when, each 201 is durable and counted exactly once")
    func schedules() async throws {
        let loop = try EventLoop()
        try loop.startThread()
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SIMULATION_SCHEDULES"].flatMap { Int($0) } ?? Self.schedulesDefault
        let seed = environment["SIMULATION_SEED"].flatMap { UInt64($0) }
        let first = seed ?? UInt64.random(in: 0..<1 << 48)
        print("simulation: from seed \(first)")
        var tally = Simulation.Tally()
        for seed in first..<first + UInt64(seed == nil ? count : 1) {
            guard let counted = await run(seed, on: loop) else { break }
            tally += counted
        }
        print("simulation: \(tally)")
        #expect(tally.created > 0)
        // One schedule alone may have been spared.
        if seed == nil { #expect(tally.faults > 0 && tally.deaths > 0 && tally.powerFailures > 0) }
        await loop.stop()
    }

    @Test("a schedule follows from its seed")
    func replay() async throws {
        let loop = try EventLoop()
        try loop.startThread()
        for seed in 0..<8 as Range<UInt64> {
            var runs: [[String]] = []
            for _ in 1...2 {
                let simulation = try Simulation(seed: seed, loop: loop)
                try await simulation.run(steps: Self.stepsPerSchedule)
                runs.append(await simulation.steps)
            }
            #expect(runs[0] == runs[1], "seed \(seed)")
        }
        await loop.stop()
    }

    @Test(
        "a schedule that has found a fault once, of the program or of this, finds none any more",
        arguments: [248_599_212_810_376, 59_754_396_829_804, 185_262_078_276_119] as [UInt64])
    func found(seed: UInt64) async throws {
        let loop = try EventLoop()
        try loop.startThread()
        #expect(await run(seed, on: loop) != nil)
        await loop.stop()
    }

    /// Nil where something was found.
    private func run(_ seed: UInt64, on loop: EventLoop) async -> Simulation.Tally? {
        do {
            let simulation = try Simulation(seed: seed, loop: loop)
            do {
                try await simulation.run(steps: Self.stepsPerSchedule)
                return await simulation.count()
            } catch {
                let steps = await simulation.steps.joined(separator: "\n")
                Issue.record("\(error)\nSIMULATION_SEED=\(seed) runs this schedule again:\n\(steps)")
                await simulation.abandon()
            }
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
        return nil
    }
}
