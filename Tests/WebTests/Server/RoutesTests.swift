import Analytics
import Foundation
import Records
import Testing

@testable import Aggregator
@testable import Web

@Suite("What the analytics answer")
struct RoutesTests {
    private static let times = #""firstEvent":"2023-11-14T22:13:20.125Z","lastEvent":"2023-11-14T22:13:20.125Z""#
    /// The rule version's id as it stands in a URL.
    private static let rule = "article%2022/%C3%BC%231,%2B%26%3D?%25"
    static let report = "/v1/sites/default/outcomes?ruleId=\(rule)"

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
                    #"{"answers":[],"commitMicrosecondsMean":0,"commits":0,"countedUntil":""#))
            #expect(
                answer.body.contains(
                    #""dimensions":[{"outcomesOfFullestRule":1,"rules":1,"site":"default"}],"duplicates":0,"#
                        + #""foldAgeMilliseconds":"#))
            let report = try JSONDecoder().decode(StatusReport.self, from: Data(answer.body.utf8))
            #expect(report.journalSequence == 1)
            #expect(report.foldedSequence == 0)
            #expect(report.backlog == 1)
            #expect(report.limits.rulesPerSite == 10_000)
        }
    }

    @Test("where nginx says which sites may be read, status and metrics name no other", arguments: ["", " empty"])
    func otherSites(readable: String) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            analytics.statistics.answered(
                ["default", "empty", "-"].map {
                    TallyEntry(kind: .init(site: $0, status: 201, reason: "durable"), count: 1)
                })
            for target in ["/v1/status", "/metrics"] {
                let answer = try await analytics.answer(target, headers: ["X-Rule-Outcomes-Sites: :\(readable)"])
                #expect(answer.status == 200)
                #expect(!answer.body.contains("default"))
                // What was asked of no site is nobody's.
                #expect(answer.body.contains(#""-""#))
                #expect(answer.body.contains("empty") == !readable.isEmpty)
                // Who asks on the socket itself sees all.
                let direct = try await analytics.answer(target)
                #expect(direct.body.contains("default") && direct.body.contains("empty"))
            }
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
                    == #"{"asOf":"2023-11-14T22:00:00.000Z","rules":[{"conversions":4,"exposures":0,"# + Self.times
                    + #","outcomes":1,"ruleId":"article 22/ü#1,+&=?%"}],"site":"default","unseen":[]}"#)
            let none = try await analytics.answer("/v1/sites/empty/rules")
            #expect(none.status == 200)
            #expect(none.body == #"{"asOf":"2023-11-14T22:00:00.000Z","rules":[],"site":"empty","unseen":[]}"#)
        }
    }

    @Test("a rule version's outcomes are found by its percent-encoded id, and written without needless escapes")
    func outcomes() async throws {
        let json =
            #"{"asOf":"2023-11-14T22:00:00.000Z","basis":"cohort","epochs":[],"groups":[],"notes":[],"outcomes":["#
            + #"{"conversions":["#
            + #"{"conversion":"CUSTOMER","events":1,"unattributed":1,"visitors":1},"#
            + #"{"conversion":"REGISTERED","events":3,"unattributed":2,"visitors":2}],"#
            + #""exposed":0,"exposures":0,"maturing":0,"outcomeId":"graph/1#1,graph/1#2","verdict":"#
            + #"{"reason":"visitors are not known to be assigned at random: the outcome is in no group","#
            + #""word":"cannot be compared"}}],"#
            + #""ruleId":"article 22/ü#1,+&=?%","site":"default","timeZone":"UTC","windowDays":7}"#
        try await AnalyticsUnderTest().serve { analytics in
            for target in [
                Self.report, Self.report + "&format=json", Self.report.replacing("%20", with: "+"),
                Self.report.replacing("ruleId", with: "rule%49d"),
            ] {
                let answer = try await analytics.answer(target)
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
                #expect(answer.body == json)
            }
        }
    }

    @Test("as CSV they are a table with a header row")
    func csv() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer(Self.report + "&format=csv")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/csv; charset=utf-8; header=present")
            let rows = answer.body.split(separator: "\r\n")
            #expect(rows.count == 3)
            #expect(rows[0].hasPrefix("site,rule,outcome,conversion,exposed,converted,rate,"))
            let rule = #"default,"article 22/ü#1,+&=?%","graph/1#1,graph/1#2","#
            #expect(rows[1].hasPrefix("\(rule)CUSTOMER,0,,,,,0,,1,1,1,0,"))
            #expect(rows[2].hasPrefix("\(rule)REGISTERED,0,,,,,0,,2,2,3,0,"))
        }
    }

    @Test("as NDJSON they are an object in each line, with what the CSV has")
    func ndjson() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer(Self.report + "&format=ndjson")
            #expect(answer.headers["content-type"] == "application/x-ndjson; charset=utf-8")
            let lines = answer.body.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].hasPrefix(#"{"site":"default","rule":"article 22/ü#1,+&=?%","#))
        }
    }

    @Test("whoever has the same answer already gets none, whoever has another gets it")
    func entityTags() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let first = try await analytics.answer(Self.report)
            let tag = try #require(first.headers["etag"])
            for header in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let again = try await analytics.answer(Self.report, headers: ["If-None-Match: \(header)"])
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
                #expect(again.headers["etag"] == tag)
            }
            let other = try await analytics.answer(Self.report, headers: [#"If-None-Match: "other""#])
            #expect(other.status == 200)
            let csv = try await analytics.answer(Self.report + "&format=csv", headers: ["If-None-Match: \(tag)"])
            #expect(csv.status == 200)
            #expect(first.headers["cache-control"] == "private, no-cache")
        }
    }

    @Test("a series has the buckets in which something happened, in the named time zone")
    func series() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let address = "/v1/sites/default/series?ruleId=\(Self.rule)&bucket=hour&timeZone=Asia/Kathmandu"
            let answer = try await analytics.answer(address)
            #expect(
                answer.body
                    == #"{"basis":"cohort","bucket":"hour","buckets":[{"end":"2023-11-15T04:00:00+05:45","outcomes":["#
                    + #"{"conversions":[{"conversion":"CUSTOMER","events":1,"unattributed":1,"visitors":1},"#
                    + #"{"conversion":"REGISTERED","events":3,"unattributed":2,"visitors":2}],"exposed":0,"#
                    + #""exposures":0,"outcomeId":"graph/1#1,graph/1#2"}],"start":"2023-11-15T03:00:00+05:45"}],"#
                    + #""notes":[],"ruleId":"article 22/ü#1,+&=?%","site":"default","timeZone":"Asia/Kathmandu"}"#)
            let csv = try await analytics.answer(address + "&format=csv")
            #expect(csv.body.split(separator: "\r\n").count == 3)
        }
    }

    @Test("the export is a file in Zephr's shape, named after what it holds")
    func export() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let address = "/v1/sites/default/export?ruleId=\(Self.rule)"
            let total = try await analytics.answer(address)
            #expect(total.headers["content-type"] == "text/csv; charset=utf-8; header=present")
            #expect(
                total.headers["content-disposition"]
                    == "attachment; filename=\"default-article-22---1-------all-time.csv\"; "
                    + "filename*=UTF-8''default-article-22-%C3%BC-1-------all-time.csv")
            let columns = "tab,outcomePath,outcomeId,total,bucketStart,bucketInterval"
            let outcome = #""graph/1#1,graph/1#2""#
            #expect(
                total.body == """
                    \(columns),conversion: CUSTOMER,conversion: REGISTERED\r
                    ,\(outcome),\(outcome),,,,1,2\r\n
                    """)
            let daily = try await analytics.answer(address + "&rows=daily&timeZone=America/New_York&from=2023-11-14")
            #expect(daily.headers["content-disposition"]?.contains("2023-11-14-on-daily.csv") == true)
            #expect(
                daily.body == """
                    \(columns),conversion: CUSTOMER,conversion: REGISTERED\r
                    ,\(outcome),\(outcome),,2023-11-14T00:00:00-05:00,1 day,1,2\r\n
                    """)
        }
    }

    @Test(
        "every report has a name to be saved under, in each of its forms",
        arguments: [
            ("rules", "json", "inline; filename=\"default-rules.json\""),
            (
                "outcomes?ruleId=\(rule)&format=json", "json",
                "inline; filename=\"default-article-22---1-------outcomes-all-time-20"
            ),
            (
                "outcomes?ruleId=\(rule)&format=csv", "csv",
                "attachment; filename=\"default-article-22---1-------outcomes-all-time-20"
            ),
            (
                "outcomes?ruleId=\(rule)&format=ndjson&basis=activity&from=2023-11-01&to=2023-11-30", "ndjson",
                "attachment; filename=\"default-article-22---1-------outcomes-activity-2023-11-01-2023-11-30.ndjson\"; "
            ),
            (
                "outcomes?ruleId=\(rule)&format=xlsx&asOf=2023-11-20", "xlsx",
                "attachment; filename=\"default-article-22---1-------outcomes-all-time-2023-11-20.xlsx\"; "
            ),
            (
                "series?ruleId=\(rule)&format=csv&bucket=hour", "csv",
                "attachment; filename=\"default-article-22---1-------by-hour-all-time-20"
            ),
            ("answers?format=csv&from=2023-11-01", "csv", "attachment; filename=\"default-answers-2023-11-01-20"),
            (
                "answers?format=ndjson&bucket=day", "ndjson",
                "attachment; filename=\"default-answers-by-day-all-time-20"
            ),
            ("export?ruleId=\(rule)", "csv", "attachment; filename=\"default-article-22---1-------all-time.csv\"; "),
        ])
    func names(target: String, suffix: String, disposition: String) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let answer = try await analytics.answer("/v1/sites/default/\(target)")
            #expect(answer.status == 200)
            let found = try #require(answer.headers["content-disposition"])
            #expect(found.hasPrefix(disposition), "\(found)")
            #expect(found.hasSuffix(".\(suffix)") || found.hasSuffix(".\(suffix)\""))
            let head = try await analytics.answer("/v1/sites/default/\(target)", method: "HEAD")
            #expect(head.headers["content-disposition"] == found)
        }
    }

    @Test("every file that the console offers has a name")
    func downloads() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let page = try await analytics.answer("/console/default/rule?ruleId=\(Self.rule)").body
            let links = page.matches(of: /href="..\/..(\/v1\/[^"]*)" download/).map {
                $0.output.1.replacing("&amp;", with: "&")
            }
            #expect(links.count == 7)
            for link in links {
                let answer = try await analytics.answer(String(link))
                #expect(
                    answer.headers["content-disposition"]?.hasPrefix("attachment; filename=\"default-") == true,
                    "\(link)")
            }
        }
    }

    @Test("every time that an answer tells is taken by from and to, as it stands")
    func times() async throws {
        try await AnalyticsUnderTest().serve { analytics in
            let targets = [
                "rules", "outcomes?ruleId=\(Self.rule)&format=",
                "series?ruleId=\(Self.rule)&timeZone=Asia/Kathmandu&format=",
                "export?ruleId=\(Self.rule)&rows=daily&timeZone=America/St_Johns",
            ]
            var texts: Set<String> = []
            for target in targets.flatMap({ target in
                target.hasSuffix("=") ? ["json", "csv", "ndjson"].map { target + $0 } : [target]
            }) {
                let body = try await analytics.answer("/v1/sites/default/\(target)").body
                texts.formUnion(
                    body.matches(of: /\d{4}-\d\d-\d\dT[0-9:.]*(Z|[+-]\d\d:\d\d)/).map { String($0.output.0) })
            }
            let status = try await analytics.answer("/v1/status").body
            texts.formUnion(status.matches(of: /\d{4}-\d\d-\d\dT[0-9:.]*Z/).map { String($0.output) })
            #expect(
                texts.contains("2023-11-14T22:13:20.125Z") && texts.contains { $0.hasSuffix("+05:45") }
                    && texts.count > 4)
            for text in texts {
                for name in ["from", "to"] {
                    // Encoded, and as whoever does not know that + is a space writes it.
                    for value in [text.percentEncoded, text] {
                        let answer = try await analytics.answer("\(Self.report)&\(name)=\(value)")
                        #expect(answer.status == 200, "\(name)=\(value)")
                    }
                }
            }
            // The only event's own time selects it, from either side.
            for range in ["from=2023-11-14T22:13:20.125Z", "to=2023-11-14T22:13:20.126Z"] {
                let csv = try await analytics.answer("\(Self.report)&\(range)&format=csv").body
                #expect(csv.contains("REGISTERED,0,,,,,0,,2,2,3,0,"), "\(range)")
            }
        }
    }

    @Test(
        "other methods than GET and HEAD are refused with what is allowed",
        arguments: ["POST", "PUT", "DELETE", "PATCH", "QUERY"])
    func methods(method: String) async throws {
        try await AnalyticsUnderTest().serve { analytics in
            for target in [Self.report, "/v1/sites", "/health"] {
                let answer = try await analytics.answer(target, method: method)
                #expect(answer.status == 405)
                #expect(answer.headers["allow"] == "GET, HEAD")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(answer.headers["cache-control"] == "no-store")
                #expect(answer.body.contains("The method \(method) is not allowed here"))
            }
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
}
