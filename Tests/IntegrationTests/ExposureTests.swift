import Analytics
import Foundation
import Testing

extension IntegrationTests {
    @Suite("Exposures and who is forgotten")
    struct ExposureTests {
        private static func exposure(of visitor: String) -> ConversionRequest {
            ConversionRequest(
                path: "/zephr/public/rule-outcomes/v1/exposures",
                cookie: "blaize_tracking_id=\(visitor); blaize_session=s",
                body: #"{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2"}"#)
        }

        private static func conversion(of visitor: String) -> ConversionRequest {
            ConversionRequest(cookie: "blaize_tracking_id=\(visitor); blaize_session=s")
        }

        private func report(_ deployment: Deployment) async throws -> OutcomesReport.Outcome {
            _ = try await deployment.counts()
            let answer = try await deployment.analytics("/v1/sites/default/outcomes?ruleId=article-22")
            let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8))
            return try #require(report.outcomes.first)
        }

        @Test("who was shown an outcome is what a rate is of, whichever of the two calls comes first")
        func rate() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let requests = [
                Self.exposure(of: "a"), Self.conversion(of: "a"), Self.conversion(of: "b"), Self.exposure(of: "b"),
                Self.exposure(of: "c"), Self.exposure(of: "c"), Self.exposure(of: "d"), Self.conversion(of: "e"),
            ]
            for request in requests { #expect(try await deployment.send(request).status == 201) }
            let outcome = try await report(deployment)
            #expect(outcome.exposed == 4)
            #expect(outcome.exposures == 5)
            #expect(outcome.maturing == 4)
            let conversion = try #require(outcome.conversions.first)
            #expect(conversion.converted == 2)
            #expect(conversion.rate == 0.5)
            #expect(conversion.unattributed == 1)
            #expect(conversion.visitors == 3)
        }

        @Test("who is forgotten is in no file of the data directory, stays counted, and counts anew afterwards")
        func forgotten() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            for visitor in ["a", "b"] {
                #expect(try await deployment.send(Self.exposure(of: visitor)).status == 201)
                #expect(try await deployment.send(Self.conversion(of: visitor)).status == 201)
            }
            _ = try await report(deployment)
            // As the cookie may stand in a browser: the quotes are no part of the id.
            let forget = try await deployment.forget("\"a\"\r\n")
            #expect(forget.status == 0, "\(forget.text)")
            #expect(
                forget.text.hasSuffix("1 tracking id: erased, 1 counting once for each rule version\n"),
                "\(forget.text)")
            #expect(try await report(deployment).exposed == 2)
            #expect(try await deployment.send(Self.exposure(of: "a")).status == 201)
            #expect(try await deployment.send(Self.exposure(of: "b")).status == 201)
            #expect(try await report(deployment).exposed == 3)
            #expect(try await deployment.forget("nobody\n").text.hasSuffix("1 tracking id: nothing was kept\n"))
            let wrong = try await deployment.forget("a\nno tracking id\n")
            #expect(wrong.status == 65)
            #expect(wrong.text.contains("line 2 is no tracking id"))
        }
    }
}
