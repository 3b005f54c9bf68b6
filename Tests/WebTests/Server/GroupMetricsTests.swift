import Analytics
import Foundation
import Testing

@testable import Web

@Suite("Metrics of declared groups")
struct GroupMetricsTests {
    private static func text() throws -> String {
        func arm(_ id: String, _ more: String, _ word: String) -> String {
            """
            {"outcomeId": "\(id)", "weight": 1, "exposed": 12, "maturing": 2, "crossed": 0, "mature": 10, "converted": 4,
            "rate": 0.4, "requests": 0, "refused": 0, "verdict": {"word": "\(word)"}, "guardrails": [
            {"conversion": "READ", "margin": 0.01, "converted": 3, "verdict": {"word": "not shown yet"}}]\(more)}
            """
        }
        let difference =
            #", "difference": 0.1, "differenceAlwaysValid": {"low": 0.02, "high": 0.3}, "outcomeName": "Form \"B\"""#
        let json = """
            {"name": "g", "conversion": "C", "baseline": "a", "windowDays": 7, "tau": 0.01, "start": "2026-11-01T00:00:00.000Z",
            "refusalLog10": 0, "mismatchLog10Max": 4, "warnings": [],
            "arms": [\(arm("a", "", "baseline")), \(arm("b", difference, "better"))]}
            """
        let group = try JSONDecoder().decode(GroupReport.self, from: Data(json.utf8))
        var metrics = PrometheusText()
        metrics.append([MeasuredGroup(site: "s", ruleID: "r", ruleName: "Wall", group: group)])
        return metrics.text
    }

    @Test("each outcome has its visitors, its rate, its difference and its verdict")
    func samples() throws {
        let text = try Self.text()
        let place = #"{site="s",rule="r",group="g""#
        for line in [
            #"rule_outcomes_group_mature\#(place),outcome="b"} 10.0"#,
            #"rule_outcomes_group_rate\#(place),outcome="a"} 0.4"#,
            #"rule_outcomes_group_difference_low\#(place),outcome="b"} 0.02"#,
            "rule_outcomes_group_mismatched\(place)} 1",
            #"rule_outcomes_group_verdict\#(place),outcome="b",verdict="better"} 1"#,
            #"rule_outcomes_guardrail_verdict\#(place),outcome="a",conversion="READ",verdict="not shown yet"} 1"#,
            #"rule_outcomes_group_info\#(place),outcome="b",rule_name="Wall",outcome_name="Form \"B\""} 1"#,
        ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
        // What there is not is left out.
        #expect(!text.contains(#"rule_outcomes_group_difference\#(place),outcome="a""#))
    }

    @Test(
        "those that the alerts and the dashboard look at are among them", arguments: ["alerts.yaml", "dashboard.json"])
    func names(file: String) throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        let looking = try String(contentsOfFile: "\(root)/docs/\(file)", encoding: .utf8)
        let text = try Self.text()
        let names = Set(looking.matches(of: /rule_outcomes_(group|guardrail)_[a-z_]+/).map { String($0.output.0) })
        #expect(names.count > 1)
        for name in names { #expect(text.contains("# TYPE \(name) gauge\n"), "\(name)") }
    }

    @Test("without groups there is nothing")
    func none() {
        var metrics = PrometheusText()
        metrics.append([MeasuredGroup]())
        #expect(metrics.text.isEmpty)
    }
}
