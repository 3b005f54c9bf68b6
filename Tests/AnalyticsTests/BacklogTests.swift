import ConfigurationFile
import Records
import SQLiteStorage
import Storage
import TestSupport
import Testing

@testable import Analytics

/// Two outcomes of which nothing sets the one apart. Most conversions of one are counted last.
@Suite("Reports while not all records are counted")
struct BacklogTests {
    private static let day = CountingWindow.dayMilliseconds
    /// A quarter of an hour begins there.
    private static let start: Int64 = 1_700_000_100_000
    private static let visitors: ClosedRange<UInt128> = 1...2000

    private let directory: TemporaryDirectory
    private let store: SQLiteOutcomeStore

    init() async throws {
        directory = try TemporaryDirectory()
        store = try SQLiteOutcomeStore(path: directory.path + "/store.sqlite")
        let group = DeclaredGroup(
            name: "autumn", shares: ["a", "b"].map { .init(outcome: DimensionName($0), weight: 1) },
            baseline: DimensionName("b"), conversion: DimensionName("CUSTOMER"))
        let site = DeclaredNames.Site(rules: [DimensionName("rule"): .init(groups: [group])])
        try await store.declare(
            DeclaredNames(sites: [DimensionName("site"): site]), nowMilliseconds: Self.start)
        try await fold(1, Self.records("a", nil, at: Self.start) + Self.records("b", nil, at: Self.start))
        let converted = Self.start + Self.day
        try await fold(
            2, Self.records("a", "CUSTOMER", at: converted) + Self.records("b", "CUSTOMER", of: 40, at: converted))
    }

    private static func records(_ outcome: String, _ conversion: String?, of every: UInt128 = 10, at time: Int64)
        -> [Record]
    {
        visitors.filter { conversion == nil || $0 % every == 0 }.map { number in
            Record(
                id: .random(), timeMilliseconds: time, subject: Subject(outcome == "a" ? number : number << 64),
                site: "site",
                event: conversion.map { .conversion(Conversion(ruleID: "rule", outcomeID: outcome, name: $0)) }
                    ?? .exposure(Exposure(ruleID: "rule", outcomeID: outcome)))
        }
    }

    private func fold(_ sequence: Int64, _ records: [Record]) async throws {
        try await store.fold(
            records, advancingTo: FoldPosition(journalID: 1, sequence: sequence, checksum: UInt128(sequence)))
    }

    private func queries(countedUntil: Int64) -> AnalyticsQueries {
        AnalyticsQueries(
            store: store, catalogue: Catalogue(sites: ["site": SiteConfiguration(origins: .any)]),
            nowMilliseconds: { Self.start + 30 * Self.day }, countedUntilMilliseconds: { countedUntil })
    }

    private func report(countedUntil: Int64) async throws -> OutcomesReport {
        let queries = queries(countedUntil: countedUntil)
        return try #require(try await queries.outcomes(site: "site", ruleID: "rule"))
    }

    @Test("verdicts wait for what is not counted, and the report says so everywhere")
    func waiting() async throws {
        let until = Self.start + Self.day
        let report = try await report(countedUntil: until)
        #expect(report.groups[0].arms.map(\.verdict.word) == [.maturing, .baseline])
        #expect(report.groups[0].arms.map(\.maturing) == [2000, 2000])
        #expect(report.outcomes.map(\.maturing) == [2000, 2000])
        #expect(report.asOf == Timestamp(milliseconds: until))
        let note = try #require(report.notes.first)
        #expect(
            note.contains("Not all records are counted yet, only those up to \(Timestamp(milliseconds: until).text)"))
        let queries = queries(countedUntil: until)
        let series = try await queries.series(site: "site", ruleID: "rule", width: .day)
        #expect(series?.notes.first == note)
        let rows = report.table.csv.split(separator: "\r\n").dropFirst()
        #expect(rows.allSatisfy { $0.contains(report.asOf.text) && $0.contains("Not all records are counted yet") })
    }

    @Test("without that they would say that one of two equal outcomes is better; once all is counted there is none")
    func counted() async throws {
        let now = Self.start + 30 * Self.day
        let early = try await report(countedUntil: now)
        #expect(early.groups[0].arms.map(\.verdict.word) == [.better, .baseline])
        try await fold(3, Self.records("b", "CUSTOMER", at: Self.start + Self.day))
        let report = try await report(countedUntil: now)
        #expect(report.groups[0].arms.map(\.verdict.word) == [.noDifferenceShownYet, .baseline])
        #expect(report.notes.isEmpty)
        #expect(report.asOf == Timestamp(milliseconds: now))
    }

    @Test("nobody is told of the moment that reports are behind at any time", arguments: [0, 60_000, 60_001])
    func moment(behind: Int64) async throws {
        let report = try await report(countedUntil: Self.start + 30 * Self.day - behind)
        #expect(report.notes.count == (behind > 60_000 ? 1 : 0))
    }

    @Test("a time that a clock gives beyond the time of day is not believed")
    func ahead() async throws {
        let report = try await report(countedUntil: Self.start + 3000 * Self.day)
        #expect(report.asOf == Timestamp(milliseconds: Self.start + 30 * Self.day))
    }
}
