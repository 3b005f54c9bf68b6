import Foundation
import Synchronization
import Testing

extension IntegrationTests {
    @Suite("Daemons killed under load")
    struct RestartTests {
        /// Each request of a load has a conversion name of its own, so that the report tells of each by itself.
        private static let manyNames = "conversionsPerOutcomeMax: 100000"

        @Test("an aggregator killed and started again: every 201 is counted exactly once, nothing twice")
        func aggregator() async throws {
            let deployment = try Deployment(aggregator: Self.manyNames)
            try await deployment.start()
            try await loadWhile(deployment) {
                for _ in 0..<3 {
                    try await $0.acknowledged(atLeastMore: 300)
                    deployment.aggregator?.signal(SIGKILL)
                    _ = await deployment.aggregator?.waitForExit()
                    try await deployment.startAggregator()
                }
                try await $0.acknowledged(atLeastMore: 300)
            }
        }

        @Test("a responder killed and started again: every 201 is counted exactly once, nothing twice")
        func responder() async throws {
            let deployment = try Deployment(aggregator: Self.manyNames)
            try await deployment.start()
            try await loadWhile(deployment) {
                for _ in 0..<3 {
                    try await $0.acknowledged(atLeastMore: 300)
                    deployment.responder?.signal(SIGKILL)
                    _ = await deployment.responder?.waitForExit()
                    try await deployment.startResponder()
                }
                try await $0.acknowledged(atLeastMore: 300)
            }
        }

        @Test("SIGTERM to either ends it with status 0, and every 201 before and after is counted once")
        func terminated() async throws {
            let deployment = try Deployment(aggregator: Self.manyNames)
            try await deployment.start()
            try await loadWhile(deployment) {
                try await $0.acknowledged(atLeastMore: 200)
                deployment.responder?.signal(SIGTERM)
                #expect(await deployment.responder?.waitForExit() == 0)
                try await deployment.startResponder()
                try await $0.acknowledged(atLeastMore: 200)
                deployment.aggregator?.signal(SIGTERM)
                #expect(await deployment.aggregator?.waitForExit() == 0)
                try await deployment.startAggregator()
                try await $0.acknowledged(atLeastMore: 200)
            }
        }

        /// Keeps requests coming while `disturb` runs, then holds the report against the answers.
        private func loadWhile(_ deployment: Deployment, _ disturb: (Load) async throws -> Void) async throws {
            let load = Load(port: deployment.port)
            let senders = load.start(concurrency: 16)
            try await disturb(load)
            load.stop()
            await senders.value
            let events = try await deployment.counts().reduce(into: [String: Int]()) { events, row in
                events[row.conversion ?? "", default: 0] += row.events
            }
            let answers = load.answers
            let lost = answers.filter { $0.value == 201 && events[$0.key] == nil }
            let twice = events.filter { $0.value > 1 }
            let unasked = events.keys.filter { answers[$0] == nil }
            #expect(lost.isEmpty, "\(lost.count) of \(answers.count) acknowledged conversions are not counted")
            #expect(twice.isEmpty, "\(twice.count) conversions are counted more than once")
            #expect(unasked.isEmpty)
            #expect(Set(answers.values).isSubset(of: [201, 503]), "\(Set(answers.values))")
        }
    }
}
