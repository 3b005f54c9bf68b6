import Foundation
import Storage
import Testing

@testable import Analytics

@Suite("The report of a rule version's outcomes")
struct OutcomesReportTests {
    private let report = OutcomesReport(
        site: "default", ruleID: "article-22",
        report: RuleReport(
            rule: DimensionName("article-22"),
            outcomes: [
                OutcomeReport(
                    outcome: DimensionName("graph/1#1,graph/1#2"),
                    conversions: [
                        Self.conversion(DimensionName("=CUSTOMER"), subjects: 2, events: 3),
                        Self.conversion(.other, subjects: 1, events: 1),
                    ]),
                OutcomeReport(
                    outcome: .other,
                    conversions: [Self.conversion(DimensionName("REGISTERED"), subjects: 4, events: 5)]),
            ]))

    @Test("there is a row for each outcome and conversion, in the store's order")
    func rows() {
        #expect(report.rows.map(\.outcomeId) == ["graph/1#1,graph/1#2", "graph/1#1,graph/1#2", nil])
        #expect(report.rows.map(\.conversion) == ["=CUSTOMER", nil, "REGISTERED"])
        #expect(report.rows.map(\.subjects) == [2, 1, 4])
        #expect(report.rows.map(\.events) == [3, 1, 5])
    }

    @Test("as CSV it is a table that no spreadsheet runs, with an empty cell for what has no name of its own")
    func csv() {
        let times = "2023-11-14T22:13:20.000Z,2023-11-14T22:13:21.500Z"
        #expect(
            report.csv == """
                site,rule,outcome,conversion,subjects,events,firstEvent,lastEvent\r
                default,article-22,"graph/1#1,graph/1#2",'=CUSTOMER,2,3,\(times)\r
                default,article-22,"graph/1#1,graph/1#2",,1,1,\(times)\r
                default,article-22,,REGISTERED,4,5,\(times)\r\n
                """)
    }

    @Test("as JSON it has no key for what has no name of its own")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let times = #""firstEvent":"2023-11-14T22:13:20.000Z","lastEvent":"2023-11-14T22:13:21.500Z""#
        let rows = [
            #"{"conversion":"=CUSTOMER","events":3,"# + times + #","outcomeId":"graph/1#1,graph/1#2","subjects":2}"#,
            #"{"events":1,"# + times + #","outcomeId":"graph/1#1,graph/1#2","subjects":1}"#,
            #"{"conversion":"REGISTERED","events":5,"# + times + #","subjects":4}"#,
        ]
        let data = try encoder.encode(report)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"rows":["# + rows.joined(separator: ",") + #"],"ruleId":"article-22","site":"default"}"#)
        #expect(try JSONDecoder().decode(OutcomesReport.self, from: data) == report)
    }

    @Test("a rule version without outcomes is a header, and no rows")
    func empty() {
        let report = OutcomesReport(
            site: "default", ruleID: "r", report: RuleReport(rule: DimensionName("r"), outcomes: []))
        #expect(report.rows.isEmpty)
        #expect(report.csv == "site,rule,outcome,conversion,subjects,events,firstEvent,lastEvent\r\n")
    }

    private static func conversion(_ name: DimensionName, subjects: Int, events: Int) -> ConversionReport {
        ConversionReport(
            conversion: name, subjects: subjects, events: events, firstEventMilliseconds: 1_700_000_000_000,
            lastEventMilliseconds: 1_700_000_001_500)
    }
}
