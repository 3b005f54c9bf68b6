import Foundation
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
    }
}
