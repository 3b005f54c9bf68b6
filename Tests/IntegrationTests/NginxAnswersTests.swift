import Analytics
import Foundation
import Testing

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
            let report = try await deployment.analytics("/v1/sites/default/answers").body
            #expect(report.contains("\"reason\":\"nginx\""), "\(report)")
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
