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

extension IntegrationTests {
    @Suite("Whose exposure it is that nginx's log tells of")
    struct ExposureVisitorTests {
        private func exposed(_ site: OriginSite) async throws -> [String: Int] {
            _ = try await site.deployment.counts()
            let answer = try await site.deployment.analytics("/v1/sites/default/outcomes?ruleId=article-22")
            let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8))
            return Dictionary(uniqueKeysWithValues: report.outcomes.map { ($0.outcomeId ?? "", $0.exposed) })
        }

        @Test(
            "visitors who bring a cookie stay as many as they are, whatever the origin sets, sent or not",
            arguments: Nginx.allCases)
        func returning(on version: Nginx) async throws {
            let site = try OriginSite(version: version)
            try await site.deployment.start()
            for visitor in ["a", "b", "c", #""c""#] {
                _ = try await site.page(visitor, setting: "blaize_tracking_id=same; Path=/", at: "/hidden/page")
                _ = try await site.page(visitor, setting: "blaize_tracking_id=same; Path=/")
                _ = try await site.page(visitor, setting: "blaize_tracking_id=deleted; Path=/; Max-Age=0")
                _ = try await site.page(visitor, setting: "blaize_tracking_id=\"\"; Path=/")
                _ = try await site.page(visitor, setting: "blaize_tracking_id=two words; Path=/")
            }
            try await site.expectLog(["default durable": 20])
            #expect(try await exposed(site).values.map { $0 } == [3])
        }

        @Test("a first view is of the visitor whom the browser makes of it, or of nobody", arguments: Nginx.allCases)
        func firstView(on version: Nginx) async throws {
            let site = try OriginSite(version: version)
            try await site.deployment.start()
            let expires = "Expires=Wed, 21 Oct 2037 07:28:00 GMT"
            for kept in [
                "new; Path=/; \(expires)", "\"new\"; Path=/zephr", "new",
                "new; Domain=.example.com; Path=/; Max-Age=9; HttpOnly",
            ] {
                _ = try await site.page(setting: "blaize_tracking_id=\(kept)")
            }
            _ = try await site.page("no cookie", setting: "blaize_tracking_id=new; Path=/")
            for gone in [
                "deleted; Path=/", "\"\"; Path=/", "x; Path=/; Max-Age=0", "x; Expires=Thu, 01 Jan 1970 00:00:01 GMT",
            ] {
                _ = try await site.page(setting: "blaize_tracking_id=\(gone)")
            }
            _ = try await site.page(setting: "blaize_tracking_id=x; Path=/", at: "/hidden/page")
            for useless in ["x; Domain=other.example; Path=/", "x; Path=/page", "two words; Path=/"] {
                _ = try await site.page(setting: "blaize_tracking_id=\(useless)")
            }
            // The query decides nothing, a token in it least.
            _ = try await site.page(setting: "blaize_tracking_id=x", at: "/deeper/page?jwt=/")
            try await site.expectLog(["default durable": 5, "default tracking-id": 5, "default set-cookie": 4])
            #expect(try await exposed(site).values.map { $0 } == [1])
        }

        @Test(
            "of several cookies that one response sets, the visitor's is found, or its loss is told",
            arguments: Nginx.allCases)
        func severalCookies(on version: Nginx) async throws {
            let site = try OriginSite(version: version)
            try await site.deployment.start()
            let (tracking, other) = (
                "blaize_tracking_id=new; Path=/", "other=1; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT"
            )
            let first = try await site.page(setting: other, after: tracking)
            #expect(first.headers["Set-Cookie"] == [tracking, other])
            try await site.expectLog(["default durable": 1])
            _ = try await site.page(setting: tracking, after: other)
            if site.showsFirstHeadersAlone {
                try await site.expectLog(["default durable": 1, "default set-cookie-unseen": 1])
                let log = try #require(site.deployment.responder)
                await log.wait(forText: "nginx before 1.23 shows the first of several headers")
            } else {
                try await site.expectLog(["default durable": 2])
                _ = try await site.page(setting: tracking, after: "blaize_tracking_id=old; Path=/")
                try await site.expectLog(["default durable": 3])
            }
            #expect(try await exposed(site).values.map { $0 } == [1])
        }

        @Test(
            "two headers of the origin are read together where nginx shows both, and a conversion in one is one",
            arguments: Nginx.allCases)
        func severalHeaders(on version: Nginx) async throws {
            let site = try OriginSite(version: version)
            try await site.deployment.start()
            let (one, two) = (#"{"ruleId":"article-22","outcomeId":"1"}"#, #"{"ruleId":"article-22","outcomeId":"2"}"#)
            let converted = #"{"ruleId":"article-22","outcomeId":"1","conversion":"CUSTOMER"}"#
            _ = try await site.page("a", showing: "[\(one), {}, \(converted)]", and: "[\(two)]")
            let both = !site.showsFirstHeadersAlone
            try await site.expectLog(["default durable": both ? 3 : 2, "default field": 1])
            #expect(try await exposed(site) == (both ? ["1": 1, "2": 1] : ["1": 1]))
            #expect(try await site.deployment.counts().map(\.conversion) == ["CUSTOMER"])
        }
    }
}
