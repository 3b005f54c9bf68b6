import Cryptography
import Foundation
import Testing

@testable import Web

@Suite("Pages over the analytics socket")
struct PagesTests {
    private static let ruleQuery = "ruleId=article+22%2F%C3%BC%231%2C%2B%26%3D%3F%25"

    @Test(
        "every page is a document that may load nothing but its style sheet",
        arguments: [
            ("/console/default/rules", 200), ("/console/default/rule?\(ruleQuery)", 200),
            (
                "/console/default/rule?\(ruleQuery)&timeZone=Asia/Kathmandu&basis=activity&from=2023-11-01&to=&baseline=",
                200
            ),
            ("/console/default/journey?\(ruleQuery)", 200), ("/console/default/health", 200),
            ("/console/empty/rules", 200),
            ("/console/empty/health", 200), ("/console/", 200), ("/console/default/rule?ruleId=unknown", 404),
            ("/console/default/rule", 404), ("/console/elsewhere/rules", 404),
            ("/console/default/rule?\(ruleQuery)&from=nonsense", 400),
            ("/console/default/rule?\(ruleQuery)&timeZone=Mars", 400),
            ("/console/default/plan", 200), ("/console/default/plan?rate=4.2&visitors=900&difference=0,5", 200),
            ("/console/default/plan?rate=%3Cb%3E&visitors=900&difference=1", 400),
            ("/console/empty/plan?rate=101", 400),
            ("/console/default/rules?page=999999999999999999999&q=x", 200), ("/console/default/rules?page=-1", 200),
        ])
    func documents(target: String, status: Int) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer(target)
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
            #expect(
                answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'; style-src 'self'; ") == true)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["cache-control"] == "private, no-cache")
            #expect(answer.body.hasPrefix("<!doctype html>"))
            #expect(answer.body.hasSuffix("</html>\n"))
            for active in ["<script", " style=", " onclick=", "javascript:", "{{"] {
                #expect(!answer.body.contains(active), "\(active)")
            }
            let policy = try #require(answer.headers["content-security-policy"])
            #expect(!policy.contains("unsafe"))
        }
    }

    @Test("a rule's page shows what is counted, and offers what may be chosen")
    func rule() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let body = try await analytics.answer("/console/default/rule?\(Self.ruleQuery)").body
            #expect(body.contains("<h1><bdi>article 22/ü#1,+&amp;=?%</bdi>"))
            #expect(body.contains("There is only one outcome"))
            #expect(body.contains("No exposures are recorded"))
            #expect(body.contains(#"<option value="CUSTOMER">CUSTOMER</option>"#))
            #expect(body.contains(#"<option value="REGISTERED" selected>REGISTERED</option>"#))
            #expect(
                body.contains("../../v1/sites/default/outcomes?ruleId=article%2022%2F%C3%BC%231%2C%2B%26%3D%3F%25&amp;")
            )
        }
    }

    @Test("a plan says how long it takes, and what is wrong where nothing can be planned")
    func plan() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let body = try await analytics.answer("/console/default/plan?rate=5&visitors=2000&difference=1").body
            #expect(
                body.contains(
                    "A difference of +1.00 points (+20 %) would show by day 17 in half of all tests, by day 22 in four of five"
                ))
            #expect(body.contains("tau: 0.0094 declared"))
            #expect(body.contains(#"<tr class="main"><th scope="row" class="number">+1.00</th>"#))
            #expect(body.contains("<polyline"))
            let split = try await analytics.answer(
                "/console/default/plan?rate=5&visitors=2000&difference=1&split=%3Cb%3E"
            ).body
            #expect(split.contains("The split has to be 2 to 64 weights") && split.contains(#"value="&lt;b&gt;""#))
            let tau = try await analytics.answer("/console/default/plan?rate=5&visitors=2000&difference=1&tau=x").body
            #expect(tau.contains("tau has to be from 0.0001 to 0.5"))
            for visitors in ["2%2C000", "2.000", "2%E2%80%AF000", "+2000+"] {
                let same = try await analytics.answer(
                    "/console/default/plan?rate=5+%25&visitors=\(visitors)&difference=1,0"
                ).body
                #expect(same.contains("A baseline of 5.00 %, 2000 visitors a day split 50:50"), "\(visitors)")
            }
            let declared = try await analytics.answer(
                "/console/default/plan?rate=5&visitors=2000&difference=1&tau=0.02"
            ).body
            #expect(declared.contains("tau: 0.02, as you gave it"))
        }
    }

    @Test("a result is a file by itself, which refers to nothing and may show nothing but itself")
    func file() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/console/default/result?\(Self.ruleQuery)&asOf=2023-11-13")
            #expect(answer.status == 200)
            for reference in [
                "href=\"r", "href=\"../", "src=", "<link", "<script", "<form", "url(", "@import", " download>",
            ] {
                #expect(!answer.body.contains(reference), "\(reference)")
            }
            let style = try #require(answer.body.firstRange(of: "<style>")).upperBound
            let end = try #require(answer.body.firstRange(of: "</style>")).lowerBound
            let hash = Data(SHA256.hash(of: Array(answer.body[style..<end].utf8)).bytes).base64EncodedString()
            #expect(answer.headers["content-security-policy"]?.contains("style-src 'sha256-\(hash)';") == true)
            // What is opened from a disk has no headers.
            #expect(answer.body.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;"))
            #expect(answer.headers["content-disposition"]?.hasPrefix("attachment; filename=") == true)
            #expect(answer.headers["content-disposition"]?.contains("2023-11-13.html") == true)
            #expect(try await analytics.answer("/console/default/result?ruleId=x").status == 404)
            let wrong = try await analytics.answer("/console/default/rule?\(Self.ruleQuery)&asOf=soon")
            #expect(wrong.status == 400 && wrong.body.contains("has to be a day of UTC"))
        }
    }

    @Test("an empty site says what to do next, and a search that finds nothing says so")
    func empty() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let empty = try await analytics.answer("/console/empty/rules").body
            #expect(empty.contains("Nothing is recorded yet"))
            let search = try await analytics.answer("/console/default/rules?q=%22%CC%81+autofocus").body
            #expect(search.contains("There is no such rule version"))
            #expect(search.contains("value=\"&quot;\u{301} autofocus\""))
        }
    }

    @Test("only the sites that nginx names are there")
    func sites() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let all = try await analytics.answer("/console/")
            #expect(all.body.contains("href=\"default/rules\"") && all.body.contains("href=\"empty/rules\""))
            let both = try await analytics.answer("/console/default/rules").body
            #expect(both.contains("href=\"../empty/rules\""))
            let header = "X-Rule-Outcomes-Sites: : default"
            let one = try await analytics.answer("/console/", headers: [header])
            #expect(one.status == 302)
            #expect(one.headers["location"] == "default/rules")
            let page = try await analytics.answer("/console/default/rules", headers: [header])
            #expect(page.status == 200 && !page.body.contains("empty"))
            #expect(try await analytics.answer("/console/empty/rules", headers: [header]).status == 404)
            let none = try await analytics.answer("/console/", headers: ["X-Rule-Outcomes-Sites: : "])
            #expect(none.body.contains("No site may be read here"))
            #expect(try await analytics.answer("/console").headers["location"] == "console/")
        }
    }

    @Test("the style sheet has a name that changes with it, and may be kept")
    func styleSheet() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let body = try await analytics.answer("/console/default/rules").body
            let start = try #require(body.range(of: "href=\"../console-"))
            let name = body[start.upperBound...].prefix { $0 != "\"" }
            let sheet = try await analytics.answer("/console/console-\(name)")
            #expect(sheet.status == 200)
            #expect(sheet.headers["content-type"] == "text/css; charset=utf-8")
            #expect(sheet.headers["cache-control"]?.contains("immutable") == true)
            #expect(!sheet.body.contains("url(") && !sheet.body.contains("@import"))
            #expect(try await analytics.answer("/console/console-00000000.css").status == 404)
        }
    }
}
