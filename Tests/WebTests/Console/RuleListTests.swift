import Analytics
import ConfigurationFile
import Foundation
import Testing

@testable import Web

@Suite("The list of rules")
struct RuleListTests {
    private static func rule(_ id: String, exposures: Int = 1, _ more: String = "") -> String {
        """
        {"ruleId": "\(id)", "firstEvent": "2026-11-01T00:00:00.000Z", "lastEvent": "2026-11-02T00:00:00.000Z",
        "exposures": \(exposures), "conversions": 1, "outcomes": 2\(more)}
        """
    }

    private static func group(
        difference: Double, word: String = "better", mismatch: Double = 0, guardrails: String = ""
    ) throws -> GroupReport {
        let interval = "{\"low\": \(difference - 0.01), \"high\": \(difference + 0.01)}"
        let json = """
            {"name": "g", "conversion": "C", "baseline": "a", "windowDays": 7, "tau": 0.01, "start": "2026-11-01T00:00:00.000Z",
            "refusalLog10": 0, "mismatchLog10Max": \(mismatch), "warnings": [], "arms": [
            {"outcomeId": "b", "weight": 1, "exposed": 9, "maturing": 0, "crossed": 0, "mature": 9, "converted": 1,
            "difference": \(difference), "differenceAlwaysValid": \(interval), "guardrails": [\(guardrails)], "requests": 0, "refused": 0,
            "verdict": {"word": "\(word)"}}]}
            """
        return try JSONDecoder().decode(GroupReport.self, from: Data(json.utf8))
    }

    private static func list() throws -> RuleList {
        let test = ", \"test\": true"
        let json = """
            {"site": "s", "asOf": "2026-11-03T00:00:00.000Z", "unseen": [{"ruleId": "later", "name": "Later"}], "rules": [
            \(rule("small", test)), \(rule("plain", exposures: 9)), \(rule("undefined", ", \"mistake\": \"a variable without a value\"")),
            \(rule("over", test + ", \"decision\": \"Form\", \"decided\": \"2026-11-30\"")), \(rule("lost", test)),
            \(rule("large", test))]}
            """
        return RuleList(
            try JSONDecoder().decode(RulesReport.self, from: Data(json.utf8)),
            groups: [
                "small": [try group(difference: 0.02)], "large": [try group(difference: -0.05, word: "worse")],
                "over": [try group(difference: 0.01)], "lost": [try group(difference: 0.5, mismatch: 4)],
            ])
    }

    private static func rule(_ id: String, _ more: String) -> String { rule(id, exposures: 1, more) }

    private static func query(_ change: (inout RuleListQuery) -> Void) -> RuleListQuery { RuleListQuery().with(change) }

    @Test("each rule version stands under what has become of it")
    func states() throws {
        let list = try Self.list()
        #expect(
            list.entries.map(\.state) == [.running, .other, .mistaken, .decided, .broken, .running, .unseen])
        let running = list.found(Self.query { $0.tab = .running })
        #expect(running.map(\.ruleID) == ["small", "large"])
        #expect(list.found(Self.query { $0.tab = .unseen }).map(\.title) == ["Later"])
    }

    @Test("they are sorted by what is asked for, those that have none of it last")
    func sorting() throws {
        let list = try Self.list()
        func ids(_ sort: RuleListQuery.Sort) -> [String?] { list.found(Self.query { $0.sort = sort }).map(\.ruleID) }
        // Broken, then what can be decided, and mistakes last.
        #expect(ids(.attention) == ["lost", "small", "plain", "over", "large", "later", "undefined"])
        #expect(ids(.latest) == ["small", "plain", "undefined", "over", "lost", "large", "later"])
        #expect(ids(.name) == ["large", "later", "lost", "over", "plain", "small", "undefined"])
        #expect(ids(.difference).prefix(4) == ["lost", "large", "small", "over"])
        #expect(ids(.exposures).first == "plain" && ids(.exposures).last == "later")
    }

    @Test("a running test says when it began, and by which conversion its difference is where a guardrail is the news")
    func rows() throws {
        let json = """
            {"site": "s", "asOf": "2026-11-03T00:00:00.000Z", "unseen": [], "rules": [\(Self.rule("r", ", \"test\": true")), \(Self.rule("d", ", \"test\": true, \"decision\": \"F\""))]}
            """
        let report = try JSONDecoder().decode(RulesReport.self, from: Data(json.utf8))
        let broken = #"{"conversion": "READ", "margin": 0.01, "converted": 0, "verdict": {"word": "broken"}}"#
        func rows(_ guardrails: String) throws -> [RulesPage.Row] {
            let group = try Self.group(difference: 0.02, guardrails: guardrails)
            let list = RuleList(report, groups: ["r": [group], "d": [group]])
            return list.entries.map {
                RulesPage.Row($0, [:], now: Date(timeIntervalSince1970: 1_793_664_000))
            }
        }
        #expect(try rows("").map(\.running) == ["began 2 days ago", nil])
        #expect(try rows("").map(\.effectConversion) == [nil, nil])
        #expect(try rows(broken).first?.effectConversion == "C")
    }

    @Test("search, tab and order stay in the addresses of the page")
    func addresses() throws {
        let query = Self.query { ($0.search, $0.tab, $0.sort, $0.page) = ("a b", .other, .name, 2) }
        #expect(query.text == "rules?q=a%20b&tab=other&sort=name&page=2")
        #expect(Self.query { _ in }.text == "rules")
        #expect(try Self.list().clamped(query).page == 0)
    }

    @Test("what to write to have outcomes compared is what the file of rules takes, whatever the ids hold")
    func declaration() throws {
        let ids = ["graph/1#1,graph/1#2", "it: \"is\" \\ odd \u{202E} # -", "*&!"]
        let list = try ids.enumerated().map { index, id in
            """
            {"outcomeId": \(String(decoding: try JSONEncoder().encode(id), as: UTF8.self)), "exposed": \(9 - index), "exposures": 9,
            "verdict": {"word": "cannot be compared"}, "conversions": []}
            """
        }
        let rule = "{{x}}: 'y'"
        let json = """
            {"site": "default", "ruleId": "\(rule)", "basis": "cohort", "timeZone": "UTC", "asOf": "2026-11-25T00:00:00.000Z",
            "epochs": [], "notes": [], "windowDays": 7, "groups": [], "outcomes": [\(list.joined(separator: ","))]}
            """
        let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
        let yaml = try #require(GroupDeclaration(report, conversion: "SIGNED: UP")?.yaml)
        #expect(yaml.contains("\\U0000202E"))
        let rules = try Rules.parse(text: yaml, file: "rules.yaml", sites: ["default"])
        let group = try #require(rules.sites["default"]?.rules[OpaqueID(rule)]?.groups.first)
        #expect(group.shares.map(\.outcome.text) == ids && group.baseline.text == ids[0])
        #expect(group.conversion.text == "SIGNED: UP")
    }
}
