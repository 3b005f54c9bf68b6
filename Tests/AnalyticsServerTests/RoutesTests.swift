import Aggregator
import Analytics
import Foundation
import GRDB
import Testing

@testable import AnalyticsServer

@Suite("What the analytics answer")
struct RoutesTests {
    private static let times = #""firstEvent":"2023-11-14T22:13:20.125Z","lastEvent":"2023-11-14T22:13:20.125Z""#
    /// The rule version's id as it stands in a URL.
    private static let rule = "article%2022/%C3%BC%231,%2B%26%3D?%25"
    private static let report = "/v1/sites/default/outcomes?ruleId=\(rule)"

    @Test("health is ok while it answers")
    func health() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/health")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            #expect(answer.body == #"{"status":"ok"}"#)
        }
    }

    @Test("the status tells of the journal, the fold and what was answered, always in the same order of keys")
    func status() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/v1/status")
            #expect(answer.status == 200)
            #expect(
                answer.body.hasPrefix(
                    #"{"answers":[],"commitMicrosecondsMean":0,"commits":0,"dimensions":[{"outcomesOfFullestRule":1,"#
                        + #""rules":1,"site":"default"}],"duplicates":0,"foldAgeMilliseconds":"#))
            let report = try JSONDecoder().decode(StatusReport.self, from: Data(answer.body.utf8))
            #expect(report.journalSequence == 1)
            #expect(report.foldedSequence == 0)
            #expect(report.backlog == 1)
            #expect(report.limits.rulesPerSite == 10_000)
        }
    }

    @Test("the metrics are Prometheus's text")
    func metrics() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.body.contains("\nrule_outcomes_journal_backlog_commits 1\n"))
        }
    }

    @Test("the sites are those that are configured and those that have records")
    func sites() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/v1/sites")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"sites":["default","empty"]}"#)
        }
    }

    @Test("a site's rule versions are a report")
    func rules() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/v1/sites/default/rules")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"rules":[{"conversions":4,"exposures":0,"# + Self.times
                    + #","outcomes":1,"ruleId":"article 22/ü#1,+&=?%"}],"site":"default"}"#)
            let none = try await analytics.answer("/v1/sites/empty/rules")
            #expect(none.status == 200)
            #expect(none.body == #"{"rules":[],"site":"empty"}"#)
        }
    }

    @Test("a rule version's outcomes are found by its percent-encoded id, and written without needless escapes")
    func outcomes() async throws {
        let json =
            #"{"asOf":"2023-11-14T22:00:00.000Z","epochs":[],"groups":[],"outcomes":[{"conversions":["#
            + #"{"conversion":"CUSTOMER","events":1,"unattributed":1,"visitors":1},"#
            + #"{"conversion":"REGISTERED","events":3,"unattributed":2,"visitors":2}],"#
            + #""exposed":0,"exposures":0,"maturing":0,"outcomeId":"graph/1#1,graph/1#2"}],"#
            + #""ruleId":"article 22/ü#1,+&=?%","site":"default"}"#
        try await AnalyticsUnderTest().serve { analytics in
            for target in [Self.report, Self.report + "&format=json", "\(Self.report)&other=1"] {
                let answer = try await analytics.answer(target)
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
                #expect(answer.body == json)
            }
        }
    }

    @Test("as CSV they are a table with a header row")
    func csv() async throws {
        let columns =
            "site,rule,outcome,conversion,exposed,exposures,maturing,converted,rate,rateLow,rateHigh,"
            + "unattributed,visitors,events"
        let rule = #"default,"article 22/ü#1,+&=?%","graph/1#1,graph/1#2","#
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer(Self.report + "&format=csv")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/csv; charset=utf-8; header=present")
            #expect(
                answer.body == """
                    \(columns)\r
                    \(rule)CUSTOMER,0,0,0,,,,,1,1,1\r
                    \(rule)REGISTERED,0,0,0,,,,,2,2,3\r\n
                    """)
        }
    }

    @Test(
        "without a format, what is accepted decides",
        arguments: [
            ("text/csv", true), ("TEXT/CSV", true), ("text/*", true), ("text/csv;header=present", true),
            ("text/csv, application/json;q=0.9", true), ("application/json;q=0.5,text/csv;q=0.7", true),
            ("application/json", false), ("*/*", false), ("text/html, */*;q=0.8", false), ("", false),
            ("application/json, text/csv;q=0.5", false), ("text/csv;q=0", false), ("text/csv, application/json", false),
            ("text/csv;q=nonsense", false), (";;;,,q=1", false),
        ])
    func accept(header: String, isCSV: Bool) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer(Self.report, headers: ["Accept: \(header)"])
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"]?.hasPrefix(isCSV ? "text/csv" : "application/json") == true)
            let named = try await analytics.answer(
                "\(Self.report)&format=\(isCSV ? "json" : "csv")", headers: ["Accept: \(header)"])
            #expect(named.headers["content-type"]?.hasPrefix(isCSV ? "application/json" : "text/csv") == true)
        }
    }

    /// What is asked for, and the problem that it is.
    private static let problems: [(target: String, status: Int, title: String, detail: String)] = [
        ("/v1/sites/elsewhere/rules", 404, "Not Found", "There is no site 'elsewhere'."),
        (
            "/v1/sites/default/outcomes?ruleId=a/b", 404, "Not Found",
            "Site 'default' has no conversions of rule version 'a/b'."
        ),
        (
            "/v1/sites/elsewhere/outcomes?ruleId=a", 404, "Not Found",
            "Site 'elsewhere' has no conversions of rule version 'a'."
        ),
        ("/v1/sites/default/outcomes", 400, "Bad Request", "Name a rule version: outcomes?ruleId=…"),
        (
            "/v1/sites/default/outcomes?ruleId=a&format=xml", 400, "Bad Request",
            "There is no format 'xml'. Ask for format=json or format=csv."
        ),
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
            let answer = try await analytics.answer(Self.report)
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

    @Test(
        "HEAD gives what GET gives, without the body",
        arguments: ["/health", report, "/nothing", "/v1/sites/x/rules"])
    func head(target: String) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let get = try await analytics.answer(target)
            let head = try await analytics.answer(target, method: "HEAD")
            #expect(head.status == get.status)
            #expect(head.headers["content-type"] == get.headers["content-type"])
            #expect(head.headers["content-length"] == get.headers["content-length"])
            #expect(!get.body.isEmpty)
            #expect(head.body.isEmpty)
        }
    }

    @Test("nothing can be changed: other methods find nothing", arguments: ["POST", "PUT", "DELETE", "PATCH"])
    func otherMethods(method: String) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/v1/status", method: method)
            #expect(answer.status == 404)
            #expect(answer.headers["content-type"] == "application/problem+json")
        }
    }
}
