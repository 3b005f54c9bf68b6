import Foundation
import Storage
import Testing

@testable import Analytics

@Suite("The report of a rule version's outcomes")
struct OutcomesReportTests {
    private static let counted = CountedTime(until: 1_700_000_000_000, nowMilliseconds: 1_700_000_000_000)

    private let report: OutcomesReport = OutcomesReport(
        site: "default", ruleID: "article-22", counts: Self.counts, maturing: [Self.maturing, Self.maturing],
        hasExposures: true,
        counted: Self.counted)

    private static let counts: [OutcomeCounts] = {
        var path = OutcomeCounts(outcome: DimensionName("graph/1#1,graph/1#2"))
        path.exposed = 8
        path.exposures = 20
        path.conversions = [
            ConversionCounts(
                conversion: DimensionName("=CUSTOMER"), converted: 2, unattributed: 1, converters: 4, events: 5),
            ConversionCounts(conversion: .other, converted: 0, unattributed: 1, converters: 1, events: 1),
        ]
        var other = OutcomeCounts(outcome: .other)
        other.conversions = [
            ConversionCounts(conversion: DimensionName("REGISTERED"), unattributed: 4, converters: 4, events: 5)
        ]
        return [path, OutcomeCounts(outcome: DimensionName("seen by nobody")), other]
    }()

    private static let maturing: [OutcomeCounts] = counts.map { counts in
        var maturing = OutcomeCounts(outcome: counts.outcome)
        maturing.exposed = counts.exposed / 4
        return maturing
    }

    @Test("there is an outcome for each of the store's, in its order, with its conversions")
    func outcomes() {
        #expect(report.outcomes.map(\.outcomeId) == ["graph/1#1,graph/1#2", "seen by nobody", nil])
        #expect(report.outcomes.map(\.exposed) == [8, 0, 0])
        #expect(report.outcomes.map { $0.conversions.map(\.conversion) } == [["=CUSTOMER", nil], [], ["REGISTERED"]])
        #expect(report.rows.map(\.conversion.visitors) == [4, 1, 4])
    }

    @Test("what is maturing is so in any of the ranges")
    func maturing() {
        #expect(report.outcomes.map(\.maturing) == [4, 0, 0])
        #expect(report.asOf.text == "2023-11-14T22:00:00.000Z")
    }

    @Test("every change of the subject secret is an epoch of which the report tells the date, but not the first one's")
    func epochs() {
        let report = OutcomesReport(
            site: "default", ruleID: "r", counts: [], maturing: [], hasExposures: false,
            epochs: [1_600_000_000_000, 1_700_000_000_000],
            counted: Self.counted)
        #expect(report.epochs.map(\.text) == ["2023-11-14T22:13:20.000Z"])
    }

    @Test("a rate is of those who were exposed, and there is none where nobody was")
    func rates() {
        #expect(report.rows.map(\.conversion.rate) == [0.25, 0, nil])
        #expect(report.rows.map(\.conversion.converted) == [2, 0, 0])
    }

    @Test("a rule version without exposures has counts, and neither conversions within a window nor rates")
    func withoutExposures() {
        let report = OutcomesReport(
            site: "default", ruleID: "r", counts: [Self.counts[2]], maturing: [], hasExposures: false,
            counted: Self.counted)
        #expect(report.rows.map(\.conversion.converted) == [nil])
        #expect(report.rows.map(\.conversion.rate) == [nil])
        #expect(report.rows.map(\.conversion.unattributed) == [4])
    }

    @Test("as CSV it is a table that no spreadsheet runs, with empty cells for what there is not")
    func csv() throws {
        let intervals = try report.rows.prefix(2).map { try #require($0.conversion.rateInterval) }
            .map { "\($0.low),\($0.high)" }
        let columns =
            "site,rule,outcome,conversion,exposed,converted,rate,rateLow,rateHigh,maturing,crossed,unattributed,"
            + "visitors,events,exposures,group,groupSince,groupMature,groupConverted,groupRate,difference,differenceLow,"
            + "differenceHigh,differenceOneLookLow,differenceOneLookHigh,lift,liftLow,liftHigh,guardrailMargin,verdict,verdictReason,warnings,"
            + "ruleName,outcomeName,basis,from,to,timeZone,asOf,notes"
        let rest =
            ",,,,,,,,,,,,,,cannot be compared,visitors are not known to be assigned at random: the outcome is in no group,"
            + ",,,cohort,,,UTC,2023-11-14T22:00:00.000Z,"
        #expect(
            report.table.csv == """
                \(columns)\r
                default,article-22,"graph/1#1,graph/1#2",'=CUSTOMER,8,2,0.25,\(intervals[0]),4,,1,4,5,20,\(rest)\r
                default,article-22,"graph/1#1,graph/1#2",,8,0,0.0,\(intervals[1]),4,,1,1,1,20,\(rest)\r
                default,article-22,seen by nobody,,0,,,,,0,,,,,0,\(rest)\r
                default,article-22,,REGISTERED,0,0,,,,0,,4,4,5,0,\(rest)\r\n
                """)
    }

    @Test("an outcome has its own comparison, and not that of one whose id reads the same and is spelt otherwise")
    func spelling() {
        let ids = ["caf\u{E9}", "cafe\u{301}"]
        var counts = ids.map { OutcomeCounts(outcome: DimensionName($0)) }
        for index in counts.indices {
            counts[index].exposures = 300
            counts[index].set(GroupCounts(exposed: 300, converted: 50 + 150 * index))
        }
        let group = DeclaredGroup(
            name: "g", shares: ids.map { .init(outcome: DimensionName($0), weight: 1) },
            baseline: DimensionName(ids[0]), conversion: DimensionName("CUSTOMER"))
        let period = GroupPeriod(group: group, start: Quarter(0))
        let report = OutcomesReport(
            site: "default", ruleID: "r", counts: counts, maturing: [], hasExposures: true,
            groups: [GroupReport(period, exposed: counts, mature: counts) { _ in nil }], counted: Self.counted)
        let column = report.table.columns.firstIndex(of: "groupConverted") ?? 0
        let cells = report.table.csv.split(separator: "\r\n").dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false)[column] }
        #expect(cells == ["50", "200"])
        #expect(report.outcomes.map(\.verdict.word) == [.baseline, .better])
    }

    @Test("a range says that it decides nothing")
    func descriptive() throws {
        let report = OutcomesReport(
            site: "default", ruleID: "r", period: try ReportPeriod(from: "2026-11-01", to: nil, timeZone: nil),
            counts: Self.counts, maturing: [], hasExposures: true, counted: Self.counted)
        #expect(report.notes == ["A range of dates describes and decides nothing"])
        #expect(report.table.csv.hasSuffix(",A range of dates describes and decides nothing\r\n"))
        #expect(self.report.notes.isEmpty)
    }

    @Test("a rate lies within Wilson's interval")
    func interval() throws {
        let bounds = try #require(report.rows.first?.conversion.rateInterval)
        // Computed with statsmodels' proportion_confint(2, 8, method="wilson").
        #expect(abs(bounds.low - 0.0714792) < 1e-6)
        #expect(abs(bounds.high - 0.5907246) < 1e-6)
    }

    @Test("as JSON it has no key for what has no name of its own, and reads again")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(report)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains(#"{"converted":0,"events":1,"rate":0,"rateInterval":{"high":"#))
        #expect(text.contains(#"{"conversions":[{"conversion":"REGISTERED","#))
        #expect(try JSONDecoder().decode(OutcomesReport.self, from: data) == report)
    }

    @Test("a rule version without outcomes is a header, and no rows")
    func empty() {
        let report = OutcomesReport(
            site: "default", ruleID: "r", counts: [], maturing: [], hasExposures: false, counted: Self.counted)
        #expect(report.rows.isEmpty)
        #expect(report.table.csv.split(separator: "\r\n").count == 1)
    }
}
