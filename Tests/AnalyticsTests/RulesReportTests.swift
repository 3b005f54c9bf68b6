import ConfigurationFile
import Foundation
import Storage
import Testing

@testable import Analytics

@Suite("The report of a site's rule versions")
struct RulesReportTests {
    private let report = RulesReport(
        site: "default",
        summaries: [
            Self.summary(DimensionName("a/b#1")), Self.summary(.other),
        ], asOf: Quarter(containing: 1_700_000_100_000))

    @Test("as JSON it has no id for those together that have none of their own")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rest = #""lastEvent":"2023-11-14T22:13:21.500Z","outcomes":2"#
        let data = try encoder.encode(report)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"asOf":"2023-11-14T22:15:00.000Z","rules":[{"conversions":7,"exposures":9,"firstEvent":"2023-11-14T22:13:20.000Z","#
                + rest
                + #","ruleId":"a/b#1"},"#
                + #"{"conversions":7,"exposures":9,"firstEvent":"2023-11-14T22:13:20.000Z","# + rest
                + #"}],"site":"default","unseen":[]}"#)
        #expect(try JSONDecoder().decode(RulesReport.self, from: data) == report)
    }

    @Test("it says who looks after a rule version, what was decided, and which are declared without a record")
    func declared() {
        let test = DeclaredTest(
            hypothesis: "h", owner: "Ada", decision: DeclaredTest.Decision(text: "Form for all", day: "2026-11-30"))
        let group = OutcomeGroup(
            name: "g", shares: [.init(outcome: "x", weight: 1), .init(outcome: "y", weight: 1)], baseline: "x",
            conversion: "CUSTOMER")
        let rules = Rules(sites: [
            "default": SiteRules(rules: [
                "a/b#1": DeclaredRule(name: "Paywall", test: test), "later": DeclaredRule(name: "Later"),
                "earlier": DeclaredRule(),
                "test": DeclaredRule(groups: [group]), "tested": DeclaredRule(test: test, groups: [group]),
            ])
        ])
        let report = RulesReport(
            site: "default", summaries: [Self.summary(DimensionName("a/b#1")), Self.summary(DimensionName("null"))],
            names: rules, asOf: Quarter(0))
        #expect(report.rules.map(\.owner) == ["Ada", nil])
        #expect(report.rules.map(\.decision) == ["Form for all", nil])
        #expect(report.rules.map(\.decided) == ["2026-11-30", nil])
        #expect(report.rules.map { $0.mistake != nil } == [false, true])
        #expect(report.unseen.map(\.ruleId) == ["earlier", "later", "test", "tested"])
        #expect(report.unseen.map(\.name) == [nil, "Later", nil, nil])
        #expect(report.unseen.map(\.test) == [nil, nil, true, true])
        #expect(report.unseen.map(\.decision) == [nil, nil, nil, "Form for all"])
    }

    @Test(
        "ids that pages send by mistake are told from those that may be meant",
        arguments: [
            ("{{ruleId}}", "template"), ("${rule.id}", "template"), ("undefined", "variable"), ("null", "missing"),
            ("[object Object]", "object"), (" ", "spaces"), ("artcle-22", "article-22"), ("Article-22", "article-22"),
            ("article-23", nil), ("article-2", nil), ("article-22b", nil), ("article-2b", nil), ("newsletter", nil),
            ("a", nil),
        ] as [(String, String?)])
    func mistakes(id: String, word: String?) {
        let explanation = MistakenIDs(declared: ["article-22", "b"]).explanation(of: id)
        #expect((explanation == nil) == (word == nil))
        if let word { #expect(explanation?.contains(word) == true) }
    }

    private static func summary(_ name: DimensionName) -> RuleSummary {
        RuleSummary(
            rule: name, firstEventMilliseconds: 1_700_000_000_000, lastEventMilliseconds: 1_700_000_001_500,
            exposures: 9,
            conversions: 7, outcomes: 2)
    }
}
