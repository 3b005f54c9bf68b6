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
        ])

    @Test("as JSON it has no id for those together that have none of their own")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rest = #""lastEvent":"2023-11-14T22:13:21.500Z","outcomes":2"#
        let data = try encoder.encode(report)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"rules":[{"conversions":7,"exposures":9,"firstEvent":"2023-11-14T22:13:20.000Z","# + rest
                + #","ruleId":"a/b#1"},"#
                + #"{"conversions":7,"exposures":9,"firstEvent":"2023-11-14T22:13:20.000Z","# + rest
                + #"}],"site":"default"}"#)
        #expect(try JSONDecoder().decode(RulesReport.self, from: data) == report)
    }

    private static func summary(_ name: DimensionName) -> RuleSummary {
        RuleSummary(
            rule: name, firstEventMilliseconds: 1_700_000_000_000, lastEventMilliseconds: 1_700_000_001_500,
            exposures: 9,
            conversions: 7, outcomes: 2)
    }
}
