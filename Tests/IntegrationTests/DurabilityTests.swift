import Foundation
import Synchronization
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Durability, as the system calls show it")
    struct DurabilityTests {
        @Test("the journal is synced before the write that acknowledges it")
        func syncBeforeAcknowledgement() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator(tracedBy: [
                "-D", "-f", "-y", "-xx", "-s", "16", "-e", "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg",
                "-o",
                deployment.path("trace"),
            ])
            try await deployment.startResponder()
            try await deployment.startNginx()
            for visitor in 0..<50 {
                let request = ConversionRequest(cookie: "blaize_tracking_id=v\(visitor); blaize_session=s")
                #expect(try await deployment.send(request).status == 201)
            }
            deployment.aggregator?.signal(SIGTERM)
            _ = await deployment.aggregator?.waitForExit()
            var trace = ""
            try await eventually("strace has written everything") {
                trace = try String(contentsOfFile: deployment.path("trace"), encoding: .utf8)
                return trace.hasSuffix("+++ exited with 0 +++\n")
            }
            let steps = SystemCallTrace(trace).steps
            #expect(steps.filter { $0 == .acknowledged }.count == 50)
            // One request at a time: each is appended, synced and only then acknowledged.
            var state = SystemCallTrace.Step.acknowledged
            for step in steps {
                switch (state, step) {
                case (_, .appended), (.appended, .synced), (.synced, .synced), (.acknowledged, .synced): state = step
                case (.synced, .acknowledged): state = step
                default: Issue.record("\(step) came after \(state)")
                }
            }
        }

        @Test(
            "with many requests at once no record is acknowledged before its sync, and none is answered before that",
            .enabled(if: getuid() == 0, "the responder's memory is closed to its own user, and so to strace"))
        func syncBeforeAnswers() async throws {
            let deployment = try Deployment(aggregator: Ledger.limits)
            let calls = "trace=fsync,fdatasync,pwrite64,recvfrom,sendto,write,writev,sendmsg"
            // Enough of each call for all the frames that are read or written at once.
            func strace(_ name: String) -> [String] {
                ["-D", "-f", "-y", "-xx", "-s", "1024", "-e", calls, "-o", deployment.path(name)]
            }
            try await deployment.startAggregator(tracedBy: strace("aggregator.trace"))
            try await deployment.startResponder(tracedBy: strace("responder.trace"))
            try await deployment.startNginx()
            let load = Load(port: deployment.port)
            let sending = load.start(concurrency: 16)
            let count = FaultRun.count(short: 1000, long: 10_000, variable: "FAULT_ANSWERS")
            try await load.acknowledged(atLeastMore: count)
            load.stop()
            await sending.value
            for process in [deployment.responder, deployment.aggregator] {
                process?.signal(SIGTERM)
                await process?.waitForExit()
            }
            func trace(_ name: String) async throws -> String {
                var text = ""
                try await eventually("strace has written everything") {
                    text = try String(contentsOfFile: deployment.path(name), encoding: .utf8)
                    return text.hasSuffix("+++ exited with 0 +++\n")
                }
                return text
            }
            let answered = load.count(of: 201)
            let acknowledged = try SystemCallTrace.recordsAcknowledged(in: try await trace("aggregator.trace"))
            #expect(acknowledged == answered)
            #expect(SystemCallTrace.answersAfterAcknowledgement(in: try await trace("responder.trace")) == answered)
        }
    }
}

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
            try await deployment.expectExactCounts(of: load.answers)
            let answers = load.answers
            #expect(Set(answers.values).isSubset(of: [201, 503]), "\(Set(answers.values))")
        }
    }
}
