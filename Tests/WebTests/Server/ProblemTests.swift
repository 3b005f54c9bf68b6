import Foundation
import GRDB
import Testing

@testable import Web

@Suite("What the analytics cannot answer")
struct ProblemTests {
    /// What is asked for, and the problem that it is.
    private static let problems: [(target: String, status: Int, title: String, detail: String)] = [
        ("/v1/sites/elsewhere/rules", 404, "Not Found", "There is no site 'elsewhere'."),
        (
            "/v1/sites/default/outcomes?ruleId=a/b", 404, "Not Found",
            "Site 'default' has no records of rule version 'a/b'."
        ),
        (
            "/v1/sites/elsewhere/outcomes?ruleId=a", 404, "Not Found",
            "Site 'elsewhere' has no records of rule version 'a'."
        ),
        ("/v1/sites/default/outcomes", 400, "Bad Request", "Name a rule version: outcomes?ruleId=…"),
        (
            "/v1/sites/default/outcomes?ruleId=a&format=xml", 400, "Bad Request",
            "format has to be one of json, csv, ndjson, xlsx, not 'xml'."
        ),
        (
            "/v1/sites/default/series?ruleId=a&bucket=week", 400, "Bad Request",
            "bucket has to be one of quarter-hour, hour, day, not 'week'."
        ),
        (
            "/v1/sites/default/outcomes?ruleId=a&basis=x", 400, "Bad Request",
            "basis has to be one of cohort, activity, not 'x'."
        ),
        (
            "/v1/sites/default/outcomes?ruleId=a&timeZone=Mars/Olympus", 400, "Bad Request",
            "There is no time zone 'Mars/Olympus'. Name one as the tz database does, such as Europe/Berlin, or UTC."
        ),
        (
            "/v1/sites/default/answers?from=2026-02-30", 400, "Bad Request",
            "from has to be a date, such as 2026-11-01, or a time with its offset from UTC, such as "
                + "2026-11-01T09:15:00+01:00 (in a URL + is written %2B), not '2026-02-30'."
        ),
        (
            "/v1/sites/default/export?ruleId=a&from=2026-02-02&to=2026-02-01", 400, "Bad Request",
            "to lies before from, or at it. A date stands for the whole day: from=2026-11-01&to=2026-11-01 is one day."
        ),
        (
            "/v1/sites/default/answers?timezone=Europe/Berlin", 400, "Bad Request",
            "There is no parameter 'timezone' here, only bucket, format, from, ruleId, timeZone, to."
        ),
        ("/v1/sites/default/export", 400, "Bad Request", "Name a rule version: export?ruleId=…"),
        ("/v1/sites/elsewhere/answers", 404, "Not Found", "There is no site 'elsewhere'."),
        ("/", 404, "Not Found", "There is nothing at /."),
        ("/v1", 404, "Not Found", "There is nothing at /v1."),
        ("/v2/status", 404, "Not Found", "There is nothing at /v2/status."),
        ("/v1/sites/default/rules/more", 404, "Not Found", "There is nothing at /v1/sites/default/rules/more."),
    ]

    @Test("what cannot be answered is a problem that says why", arguments: problems)
    func problem(target: String, status: Int, title: String, detail: String) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer(target)
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.body == #"{"detail":"\#(detail)","status":\#(status),"title":"\#(title)"}"#)
        }
    }

    @Test("what is asked for is escaped in a problem as JSON wants it")
    func escaping() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/v1/sites/default/outcomes?ruleId=%22%0A%1B%5C%FF")
            #expect(answer.status == 404)
            #expect(answer.body.utf8.allSatisfy { $0 >= 0x20 })
            let body = try #require(JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
            #expect((body["detail"] as? String)?.contains("'\"\n\u{1b}\\") == true)
        }
    }

    @Test("a store that cannot be read is a problem without particulars, which the log has")
    func brokenStore() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            try await DatabaseQueue(path: analytics.directory.store).write { database in
                try database.execute(sql: "DROP TABLE cell")
            }
            let answer = try await analytics.answer(RoutesTests.report)
            #expect(answer.status == 500)
            #expect(
                answer.body
                    == #"{"detail":"The store could not be read; the aggregator's log says why.","status":500,"#
                    + #""title":"Internal Server Error"}"#)
            #expect(analytics.log.lines.contains { $0.hasPrefix("error: \(analytics.directory.store):") })
            // The rest of it goes on.
            let rules = try await analytics.answer("/v1/sites/default/rules")
            #expect(rules.status == 200)
        }
    }
}
