import Analytics
import ConfigurationFile
import Foundation
import Testing

@testable import OperatorCommand

@Suite("What there is to be told of a test")
struct NoticeTests {
    /// A report of one group of two outcomes, its baseline `a`.
    private static func report(
        verdict: String = "better", guardrail: String = "holds", mismatch: Double = 0, name: String = #""Long form""#,
        start: String = "2026-11-01T00:00:00.000Z", site: String = "default", groups: Bool = true
    ) throws -> OutcomesReport {
        func arm(_ id: String, _ more: String, _ word: String, _ guardrail: String) -> String {
            """
            {"outcomeId": "\(id)", "weight": 1, "exposed": 120, "maturing": 20, "crossed": 0, "mature": 100, "converted": 40,
            "rate": 0.4, "requests": 0, "refused": 0, "verdict": {"word": "\(word)"}, "guardrails": [
            {"conversion": "READ", "margin": 0.01, "converted": 3, "difference": -0.05,
            "differenceAlwaysValid": {"low": -0.09, "high": -0.02}, "verdict": {"word": "\(guardrail)"}}]\(more)}
            """
        }
        let more =
            #", "difference": 0.1, "differenceAlwaysValid": {"low": 0.0213, "high": 0.3}, "outcomeName": \#(name)"#
        let group = """
            {"name": "g", "conversion": "PAID", "baseline": "a", "windowDays": 7, "tau": 0.01, "start": "\(start)",
            "refusalLog10": 0, "mismatchLog10Max": \(mismatch), "warnings": [],
            "arms": [\(arm("a", "", "baseline", "baseline")), \(arm("b", more, verdict, guardrail))]}
            """
        let json = """
            {"site": "\(site)", "ruleId": "rule/1", "ruleName": "Wall", "basis": "cohort", "timeZone": "UTC",
            "asOf": "2026-11-20T12:00:00.000Z", "windowDays": 7, "epochs": [], "outcomes": [], "notes": [],
            "groups": [\(groups ? group : "")]}
            """
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
    }

    private static func notices(
        _ report: OutcomesReport, lastEvent: Int64 = 1_795_176_000_000, console: String? = nil
    ) -> [Notice] {
        let configuration = NotifyConfiguration(command: ["/bin/true"], console: console.flatMap(HTTPSURL.init))
        return Notice.all(of: report, lastEvent: Timestamp(milliseconds: lastEvent), configuration)
    }

    @Test("a verdict, with the difference and the interval that may be looked at always, and where the figures are")
    func verdict() throws {
        let notices = Self.notices(try Self.report(), console: "https://x.example/console")
        #expect(
            notices.map(\.text) == [
                "“Wall”: “Long form” is better than “a” by PAID: +10.00 percentage points (+2.13 to +30.00, however often one "
                    + "looks), 100 visitors compared. https://x.example/console/default/rule?ruleId=rule%2F1"
            ])
        let facts = try #require(notices.first).facts
        #expect(facts.verdict == "better" && facts.outcomeId == "b" && facts.converted == 40 && facts.baseline == "a")
        #expect(facts.differenceAlwaysValid?.low == 0.0213 && facts.differenceAlwaysValid?.high == 0.3)
    }

    @Test("nothing while nothing is shown", arguments: ["no difference shown yet", "maturing", "cannot be compared"])
    func quiet(word: String) throws {
        #expect(Self.notices(try Self.report(verdict: word)) == [])
    }

    @Test("a guardrail that is broken, beside the verdict")
    func guardrail() throws {
        let notices = Self.notices(try Self.report(guardrail: "broken"))
        #expect(notices.map(\.kind) == [.verdict, .guardrailBroken])
        #expect(
            notices.last?.text
                == "“Wall”: “Long form” breaks the guardrail READ: -5.00 percentage points beside “a” (-9.00 to -2.00, however "
                + "often one looks), where -1.00 would be allowed.")
    }

    @Test("a mismatch, and then nothing else of the group")
    func mismatch() throws {
        let notices = Self.notices(try Self.report(guardrail: "broken", mismatch: 3))
        #expect(notices.map(\.kind) == [.mismatch])
        #expect(Self.notices(try Self.report(mismatch: 2.9)).map(\.kind) == [.verdict])
    }

    @Test("no record for as long as is configured, by the time up to which all is counted, and of a test alone")
    func silence() throws {
        // asOf less 24 hours, and a millisecond later.
        let last: Int64 = 1_795_089_600_000
        let report = try Self.report(verdict: "maturing")
        #expect(Self.notices(report, lastEvent: last).map(\.kind) == [.noData])
        #expect(Self.notices(report, lastEvent: last + 1) == [])
        #expect(Self.notices(try Self.report(groups: false), lastEvent: last) == [])
        #expect(Self.notices(report, lastEvent: last).first?.text.contains("since 2026-11-19 12:00 (UTC)") == true)
        // A group that was declared on it since is not silent since then.
        let young = try Self.report(verdict: "maturing", start: "2026-11-19T12:00:00.001Z")
        #expect(Self.notices(young, lastEvent: last - 86_400_000) == [])
        // The next silence is another one.
        #expect(Self.notices(report, lastEvent: last).map(\.id) != Self.notices(report, lastEvent: last - 5).map(\.id))
    }

    @Test("a test that never had a record, by its name, and where the console has it")
    func unseen() throws {
        let json =
            #"{"site": "news", "asOf": "2026-11-03T00:00:00.000Z", "rules": [], "unseen": [{"ruleId": "late\u001b[31m", "name": null, "test": true}]}"#
        let report = try JSONDecoder().decode(RulesReport.self, from: Data(json.utf8))
        let configuration = NotifyConfiguration(command: ["/bin/true"], console: HTTPSURL("https://x.example/console"))
        let notice = Notice.unseen(try #require(report.unseen.first), site: "news", configuration)
        #expect(notice.kind == .noData && notice.facts.ruleId == "late\u{1B}[31m" && notice.facts.lastEvent == nil)
        #expect(notice.text.hasPrefix("news: “late") && notice.text.contains("nor was 24 hours ago"))
        #expect(notice.text.hasSuffix("https://x.example/console/news/rules?tab=unseen"))
        #expect(notice.text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test("is the same at every look, and another once the group is declared anew, of another site, or another verdict")
    func identities() throws {
        func ids(_ report: OutcomesReport) -> [String] { Self.notices(report).map(\.id) }
        let first = ids(try Self.report())
        #expect(first == ids(try Self.report(name: #""Other name""#)))
        let others = [
            try Self.report(verdict: "worse"), try Self.report(start: "2026-11-02T00:00:00.000Z"),
            try Self.report(site: "other"), try Self.report(mismatch: 9),
        ].map(ids)
        #expect(Set(others + [first]).count == 5)
        #expect(first.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test("is one line, whatever a page has sent, and the same in JSON")
    func hostile() throws {
        let name = #""x\u001b[31m\r\nSubject: y\u202e" "#
        let notice = try #require(Self.notices(try Self.report(name: name)).first)
        #expect(notice.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{202E}" })
        let message = try notice.message(at: "2026-11-20T12:00:00.000Z")
        #expect(!message.contains(10))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(message)) as? [String: Any])
        #expect(json["type"] as? String == "verdict" && json["id"] as? String == notice.id)
        #expect((json["data"] as? [String: Any])?["outcomeName"] as? String == "x\u{1B}[31m\r\nSubject: y\u{202E}")
    }
}
