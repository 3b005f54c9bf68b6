import Analytics
import Foundation
import Testing

extension IntegrationTests {
    @Suite("Answers by outcome")
    struct AnswersReportTests {
        private static let refusedOutcome = "graph/1#1,graph/1#2"

        private func answers(_ deployment: Deployment, _ query: String) async throws -> [AnswersReport.Answers] {
            let answer = try await deployment.analytics("/v1/sites/default/answers?\(query)")
            #expect(answer.status == 200, "\(answer.body)")
            let report = try JSONDecoder().decode(AnswersReport.self, from: Data(answer.body.utf8))
            return report.buckets.flatMap(\.answers)
        }

        @Test("what is refused is told by outcome, status and reason, also after a restart")
        func refused() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let recorded = ConversionRequest(cookie: "blaize_tracking_id=a; blaize_session=s")
            #expect(try await deployment.send(recorded).status == 201)
            _ = try await deployment.counts()
            for _ in 1...3 {
                #expect(try await deployment.send(ConversionRequest(cookie: "blaize_session=s")).status == 400)
            }
            try await eventually("the refusals are told") {
                try await answers(deployment, "ruleId=article-22").reduce(0) { $0 + $1.count } == 4
            }
            let expected: [[String]] = [
                ["conversions", "201", "durable", "1"], ["conversions", "400", "tracking-id", "3"],
            ]
            let told = try await answers(deployment, "ruleId=article-22")
            #expect(told.map { [$0.door ?? "", "\($0.status)", $0.reason, "\($0.count)"] } == expected)
            #expect(Set(told.map(\.outcomeId)) == [Self.refusedOutcome])
            deployment.aggregator?.signal(SIGTERM)
            #expect(await deployment.aggregator?.waitForExit() == 0)
            try await deployment.startAggregator()
            #expect(try await answers(deployment, "ruleId=article-22") == told)
            #expect(try await answers(deployment, "bucket=day&timeZone=Europe/Berlin").map(\.count) == [1, 3])
        }
    }
}
