import ConfigurationFile
import Records
import SQLiteStorage
import Storage
import TestSupport
import Testing

@testable import Analytics

@Suite("Questions about a range of time")
struct TimeQueriesTests {
    /// Midnight of 1 November 2026 in Berlin.
    private static let midnight: Int64 = 1_793_487_600_000
    private static let hour: Int64 = 3_600_000
    private static let zone = "Europe/Berlin"

    private let directory: TemporaryDirectory
    private let store: SQLiteOutcomeStore
    private let queries: AnalyticsQueries

    /// Visitor 1 is exposed late on 31 October, converts early on 1 November and on 2 November, and sees the outcome again
    /// on both. Visitor 2 is exposed on 1 November and does not convert. Visitor 3 converts on 2 November, exposed never.
    init() async throws {
        directory = try TemporaryDirectory()
        store = try SQLiteOutcomeStore(path: directory.path + "/store.sqlite")
        let rules = Rules(sites: [
            "site": SiteRules(rules: ["rule": DeclaredRule(name: "Paywall", outcomeNames: ["a": "First"], groups: [])])
        ])
        queries = AnalyticsQueries(
            store: store,
            catalogue: Catalogue(sites: ["site": SiteConfiguration(origins: .any)], rules: rules),
            nowMilliseconds: { Self.midnight + 72 * Self.hour })
        let records = [
            Self.record(1, hours: -0.5), Self.record(1, hours: 1), Self.record(1, hours: 2, "CUSTOMER"),
            Self.record(1, hours: 3, "CUSTOMER"), Self.record(1, hours: 25), Self.record(1, hours: 26, "CUSTOMER"),
            Self.record(2, hours: 5), Self.record(2, hours: 6), Self.record(3, hours: 30, "CUSTOMER"),
        ]
        try await store.fold(records, advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
    }

    private static func record(_ subject: UInt128, hours: Double, _ conversion: String? = nil) -> Record {
        Record(
            id: RecordID.random(), timeMilliseconds: midnight + Int64(hours * Double(hour)), subject: Subject(subject),
            site: "site",
            event: conversion.map { .conversion(Conversion(ruleID: "rule", outcomeID: "a", name: $0)) }
                ?? .exposure(Exposure(ruleID: "rule", outcomeID: "a")))
    }

    private static func day(_ first: Int, _ last: Int) throws -> ReportPeriod {
        try ReportPeriod(from: "2026-11-0\(first)", to: "2026-11-0\(last)", timeZone: zone)
    }

    private func outcomes(_ period: ReportPeriod, _ basis: Basis) async throws -> OutcomesReport.Outcome {
        let report = try #require(
            try await queries.outcomes(site: "site", ruleID: "rule", period: period, basis: basis))
        #expect(report.basis == basis)
        #expect(report.timeZone == Self.zone)
        return try #require(report.outcomes.first)
    }

    @Test("by the cohort visitors count where they were first exposed, with all that they did within the window")
    func cohort() async throws {
        let october = try await outcomes(
            try ReportPeriod(from: "2026-10-31", to: "2026-10-31", timeZone: Self.zone), .cohort)
        #expect(october.exposed == 1 && october.conversions.map(\.converted) == [1])
        #expect(october.exposures == 1 && october.conversions.map(\.events) == [0])
        let first = try await outcomes(try Self.day(1, 1), .cohort)
        #expect(first.exposed == 1 && first.conversions.map(\.converted) == [0])
        #expect(first.maturing == 1)
        #expect(first.exposures == 3 && first.conversions.map(\.events) == [2])
        let second = try await outcomes(try Self.day(2, 2), .cohort)
        #expect(second.exposed == 0 && second.conversions.map(\.unattributed) == [1])
        #expect(second.conversions.map(\.rate) == [nil])
    }

    @Test("by activity visitors count on each day on which they were active")
    func activity() async throws {
        let first = try await outcomes(try Self.day(1, 1), .activity)
        #expect(first.exposed == 2 && first.conversions.map(\.converted) == [1])
        #expect(first.conversions.map(\.rate) == [0.5])
        #expect(first.maturing == nil && first.conversions.allSatisfy { $0.rateInterval == nil })
        let both = try await outcomes(try Self.day(1, 2), .activity)
        #expect(both.exposed == 3 && both.conversions.map(\.converted) == [3])
        #expect(both.conversions.map(\.events) == [4])
    }

    @Test("a series has a bucket for each day with something in it")
    func series() async throws {
        let period = try ReportPeriod(from: nil, to: nil, timeZone: Self.zone)
        let report = try #require(
            try await queries.series(site: "site", ruleID: "rule", width: .day, period: period))
        #expect(report.ruleName == "Paywall")
        #expect(
            report.buckets.map(\.start) == [
                "2026-10-31T00:00:00+01:00", "2026-11-01T00:00:00+01:00", "2026-11-02T00:00:00+01:00",
            ])
        #expect(report.buckets.map(\.end).last == "2026-11-03T00:00:00+01:00")
        #expect(report.buckets.map { $0.outcomes[0].exposed } == [1, 1, 0])
        #expect(report.buckets.map { $0.outcomes[0].conversions.first?.converted } == [1, 0, 0])
        let active = try #require(
            try await queries.series(site: "site", ruleID: "rule", width: .day, period: period, basis: .activity))
        #expect(active.buckets.map { $0.outcomes[0].exposed } == [1, 2, 1])
        #expect(active.buckets.map { $0.outcomes[0].conversions.first?.converted } == [nil, 1, 2])
        #expect(active.table.rows.count == 3)
    }

    @Test("the buckets' cohorts add up to those of the whole, whatever the bucket")
    func sums() async throws {
        let period = try Self.day(1, 2)
        for width in BucketWidth.allCases {
            let report = try #require(
                try await queries.series(site: "site", ruleID: "rule", width: width, period: period))
            let outcomes = report.buckets.flatMap(\.outcomes)
            #expect(outcomes.reduce(0) { $0 + $1.exposed } == 1)
            #expect(outcomes.reduce(0) { $0 + $1.exposures } == 4)
            #expect(outcomes.flatMap(\.conversions).reduce(0) { $0 + $1.events } == 4)
        }
    }

    @Test("Zephr's daily shape has the visitors and converters of each day, and no row for a day without")
    func daily() async throws {
        let period = try ReportPeriod(from: "2026-10-01", to: "2026-12-31", timeZone: Self.zone)
        let export = try #require(
            try await queries.export(site: "site", ruleID: "rule", variant: .daily, period: period))
        #expect(export.fileName == "site-Paywall-2026-10-01-2026-12-31-daily")
        #expect(
            export.table.csv == """
                tab,outcomePath,outcomeId,total,bucketStart,bucketInterval,conversion: CUSTOMER\r
                ,First,a,1,2026-10-31T00:00:00+01:00,1 day,0\r
                ,First,a,2,2026-11-01T00:00:00+01:00,1 day,1\r
                ,First,a,1,2026-11-02T00:00:00+01:00,1 day,2\r\n
                """)
    }

    @Test("Zephr's total shape has the cohort, of all time or of a range")
    func total() async throws {
        let all = try #require(try await queries.export(site: "site", ruleID: "rule", variant: .total))
        #expect(all.fileName == "site-Paywall-all-time")
        #expect(all.table.csv.hasSuffix("\r\n,First,a,2,,,1\r\n"))
        let range = try #require(
            try await queries.export(site: "site", ruleID: "rule", variant: .total, period: try Self.day(1, 7)))
        #expect(range.fileName == "site-Paywall-2026-11-01-2026-11-07")
        #expect(range.table.csv.hasSuffix("\r\n,First,a,1,,,0\r\n"))
    }

    @Test("a rule version without exposures has whoever converted in Zephr's shape, and no total")
    func withoutExposures() async throws {
        let record = Record(
            id: .random(), timeMilliseconds: Self.midnight, subject: Subject(1), site: "site",
            event: .conversion(Conversion(ruleID: "other", outcomeID: "a", name: "CUSTOMER")))
        try await store.fold([record], advancingTo: FoldPosition(journalID: 1, sequence: 2, checksum: 2))
        let export = try #require(try await queries.export(site: "site", ruleID: "other", variant: .total))
        #expect(export.table.csv.hasSuffix("\r\n,a,a,,,,1\r\n"))
        let series = try #require(try await queries.series(site: "site", ruleID: "other", width: .day))
        #expect(series.buckets.map { $0.outcomes[0].conversions[0].converted } == [nil])
        let of = try await outcomes(try Self.day(2, 2), .cohort)
        #expect(of.exposed == 0 && of.conversions.map(\.converted) == [0])
    }

    @Test("a file in Zephr's shape does not grow with invented conversions and days without bound")
    func tooManyCells() async throws {
        let records = (0..<1200).map { number in
            Record(
                id: .random(), timeMilliseconds: Self.midnight, subject: Subject(UInt128(number)), site: "site",
                event: .conversion(
                    Conversion(ruleID: "many", outcomeID: "o\(number / 4)", name: "invented \(number)")))
        }
        let limited = try SQLiteOutcomeStore(path: directory.path + "/limited.sqlite")
        try await limited.fold(records, advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
        let queries = AnalyticsQueries(store: limited, catalogue: Catalogue(sites: [:]))
        let total = try #require(try await queries.export(site: "site", ruleID: "many", variant: .total))
        #expect(total.table.columns.count == 1206)
        let later = (0..<1200).map { number in
            Record(
                id: .random(), timeMilliseconds: Self.midnight + Int64(number % 7) * 24 * Self.hour,
                subject: Subject(UInt128(number)), site: "site",
                event: .conversion(
                    Conversion(ruleID: "many", outcomeID: "o\(number / 4)", name: "invented \(number)")))
        }
        try await limited.fold(later, advancingTo: FoldPosition(journalID: 1, sequence: 2, checksum: 2))
        let fault = await #expect(throws: ReportFault.self) {
            try await queries.export(site: "site", ruleID: "many", variant: .daily)
        }
        guard case .tooManyCells = fault else { throw try #require(fault) }
    }

    @Test("more buckets than anybody reads are refused, with what would help")
    func tooMany() async throws {
        try await store.fold(
            [Self.record(9, hours: -100_000)], advancingTo: FoldPosition(journalID: 1, sequence: 2, checksum: 2))
        await #expect(throws: ReportFault.tooManyBuckets(.hour, max: 5000)) {
            try await queries.series(site: "site", ruleID: "rule", width: .hour)
        }
        #expect(
            try await queries.series(site: "site", ruleID: "rule", width: .hour, period: try Self.day(1, 2)) != nil)
    }

    @Test("an event whose time is beyond all calendars keeps nobody from reading the others", arguments: [true, false])
    func farAway(isPast: Bool) async throws {
        try await store.fold(
            [
                Record(
                    id: .random(), timeMilliseconds: isPast ? .min : .max, subject: Subject(9), site: "site",
                    event: .exposure(Exposure(ruleID: "rule", outcomeID: "a")))
            ], advancingTo: FoldPosition(journalID: 1, sequence: 2, checksum: 2))
        let period = try Self.day(1, 2)
        for width in BucketWidth.allCases {
            #expect(
                try await queries.series(site: "site", ruleID: "rule", width: width, period: period)?.buckets.isEmpty
                    == false)
            await #expect(throws: ReportFault.tooManyBuckets(width, max: 5000)) {
                try await queries.series(site: "site", ruleID: "rule", width: width)
            }
        }
        #expect(try await queries.outcomes(site: "site", ruleID: "rule")?.outcomes.first?.exposed == 3)
    }

    @Test("answers are told by kind, of a site or of a rule version's outcomes, whole or in buckets")
    func answers() async throws {
        let kind = AnswerKind(door: .conversions, status: 401, reason: "expired")
        let outcome = GivenAnswers.Outcome(rule: DimensionName("rule"), outcome: DimensionName("a"))
        try await store.note([
            GivenAnswers(
                site: DimensionName("site"), outcome: outcome, kind: kind, quarter: Quarter(containing: Self.midnight),
                count: 3),
            GivenAnswers(
                site: DimensionName("site"), outcome: nil, kind: kind,
                quarter: Quarter(containing: Self.midnight + 24 * Self.hour), count: 4),
        ])
        let all = try #require(try await queries.answers(site: "site"))
        #expect(all.buckets.map { $0.answers.map(\.count) } == [[7]])
        #expect(all.buckets[0].answers[0].outcomeId == nil)
        let period = try ReportPeriod(from: "2026-10-01", to: "2026-12-31", timeZone: Self.zone)
        let days = try #require(try await queries.answers(site: "site", width: .day, period: period))
        #expect(days.buckets.map(\.start) == ["2026-11-01T00:00:00+01:00", "2026-11-02T00:00:00+01:00"])
        #expect(days.buckets.map { $0.answers.map(\.count) } == [[3], [4]])
        let ofRule = try #require(try await queries.answers(site: "site", ruleID: "rule"))
        #expect(ofRule.buckets.map { $0.answers.map(\.outcomeId) } == [["a"]])
        #expect(ofRule.table.rows.count == 1)
        #expect(try await queries.answers(site: "site", ruleID: "unknown") == nil)
        #expect(try await queries.answers(site: "elsewhere") == nil)
    }

    @Test("of what is not known there is nothing")
    func unknown() async throws {
        #expect(try await queries.series(site: "site", ruleID: "unknown", width: .day) == nil)
        for variant in [ZephrExport.Variant.total, .daily] {
            #expect(try await queries.export(site: "site", ruleID: "unknown", variant: variant) == nil)
        }
    }
}
