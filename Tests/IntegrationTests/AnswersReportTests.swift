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

extension IntegrationTests {
    @Suite("What nginx answers by itself")
    struct NginxAnswersTests {
        private static let good = ConversionRequest(cookie: "blaize_tracking_id=a; blaize_session=s")

        /// nginx lets a visitor's first two requests in, and no more within the test's time.
        private func limited(_ version: Nginx) throws -> Deployment {
            try Deployment(responder: "exposureSocket: exposures.sock", version: version) { name, text in
                switch name {
                case "http.conf":
                    text.replacing("unlimited reader", with: "reader").replacing("rate=1r/s", with: "rate=1r/m")
                case "limits.conf": text.replacing("burst=20 ", with: "burst=1 ")
                default: text
                }
            }
        }

        private func answers(_ deployment: Deployment) async throws -> [String: Int] {
            try await deployment.status().answers.reduce(into: [:]) {
                $0["\($1.site) \($1.door) \($1.status) \($1.reason)", default: 0] += $1.count
            }
        }

        @Test(
            "429 and 413 stand beside the responder's answers in status, metrics and reports", arguments: Nginx.allCases
        )
        func told(on version: Nginx) async throws {
            let deployment = try limited(version)
            try await deployment.start()
            for status in [201, 201, 429, 429, 429] { #expect(try await deployment.send(Self.good).status == status) }
            let bot = Self.good.with { $0.headers = [("User-Agent", "Googlebot/2.1")] }
            #expect(try await deployment.send(bot).status == 429)
            let long = Self.good.with {
                $0.path = "/zephr/public/rule-outcomes/v1/exposures"
                $0.cookie = "blaize_tracking_id=b; blaize_session=s"
                $0.body = String(repeating: " ", count: 65 * 1024)
            }
            #expect(try await deployment.send(long).status == 413)
            let expected = [
                "default conversions 201 durable": 2, "default conversions 429 nginx": 3,
                "default conversions 429 excluded:bot": 1, "default exposures 413 nginx": 1,
            ]
            var last: [String: Int] = [:]
            try await eventually("all are told") {
                last = try await answers(deployment)
                return last == expected
            }
            #expect(last == expected)
            let metrics = try await deployment.analytics("/metrics").body
            let line = #"rule_outcomes_answers_total{site="default",door="conversions",status="429",reason="nginx"} 3"#
            #expect(metrics.contains("\n\(line)\n"))
            let table = try await deployment.run("status").text
            #expect(table.contains(/default +conversions +429 +nginx +3/), "\(table)")
            // The store has them with the next fold.
            try await eventually("they are in the reports") {
                try await deployment.analytics("/v1/sites/default/answers").body.contains("\"reason\":\"nginx\"")
            }
        }

        @Test("503 is told where nginx reaches no responder by requests", arguments: Nginx.allCases)
        func unreachable(on version: Nginx) async throws {
            let deployment = try Deployment(
                responder: "exposureSocket: exposures.sock", upstream: "unix:/nonexistent/responder.sock",
                version: version)
            try await deployment.start()
            for _ in 0..<3 { #expect(try await deployment.send(Self.good).status == 503) }
            try await eventually("all are told") {
                try await answers(deployment) == ["default conversions 503 nginx": 3]
            }
        }

        @Test(
            "a flood that the responder has no room for leaves no line in nginx's error log, and the rest is counted",
            arguments: Nginx.allCases)
        func flood(on version: Nginx) async throws {
            let deployment = try limited(version)
            try await deployment.start()
            for status in [201, 201, 429] { #expect(try await deployment.send(Self.good).status == status) }
            let responder = try #require(deployment.responder)
            responder.signal(SIGSTOP)
            defer { responder.signal(SIGCONT) }
            // A socket keeps ten lines on some machines, and hundreds on others.
            for _ in 0..<1200 { #expect(try await deployment.send(Self.good).status == 429) }
            responder.signal(SIGCONT)
            try await eventually("some are told") {
                try await answers(deployment)["default conversions 429 nginx"] ?? 0 > 1
            }
            let log = try #require(deployment.nginx).text
            #expect(!log.contains("syslog") && !log.contains("/zephr/"), "\(log)")
            #expect(try deployment.files()["rule-outcomes-error.log"] == "")
        }
    }
}
