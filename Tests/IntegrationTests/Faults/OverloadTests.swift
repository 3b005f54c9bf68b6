import Foundation
import HTTPRequests
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("More than can be carried")
    struct OverloadTests {
        @Test(
            "with many times as many requests at once as are let through there is only 201, 429 and 503, and counts are exact"
        )
        func overload() async throws {
            let run = FaultRun("overload")
            let deployment = try Deployment(aggregator: Ledger.limits)
            try await deployment.start()
            let ledger = Ledger(seed: run.seed)
            let client = HTTPClient(HTTPClient.Options(connectionsPerHost: 400))
            let load = ledger.load(port: deployment.port, through: client)
            let sending = load.start(concurrency: 400)
            let seconds = FaultRun.count(short: 5, long: 60, variable: "FAULT_OVERLOAD_SECONDS")
            try await Task.sleep(for: .seconds(seconds))
            // However fast this machine is: for a moment nothing is carried at all.
            deployment.aggregator?.signal(SIGSTOP)
            try await load.answered(503, atLeastMore: 100)
            deployment.aggregator?.signal(SIGCONT)
            load.stop()
            await sending.value
            #expect(load.count(of: 0) == 0)
            try await ledger.audit(deployment)
        }
    }
}
