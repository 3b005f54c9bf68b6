import ConfigurationFile
import Records
import SQLiteStorage
import Storage
import TestSupport
import Testing

@testable import Analytics

@Suite("Our own export beside ourselves")
struct ComparisonRoundTripTests {
    /// Midnight of 1 November 2026 in Berlin.
    private static let midnight: Int64 = 1_793_487_600_000
    private static let hour: Int64 = 3_600_000
    private static let placed = "graph/1#1,graph/1#2"

    private let directory: TemporaryDirectory
    private let store: SQLiteOutcomeStore
    private let queries: AnalyticsQueries

    /// Names that a spreadsheet, or a reader of CSV, would stumble over; and more of them than are told apart.
    init() async throws {
        directory = try TemporaryDirectory()
        store = try SQLiteOutcomeStore(
            path: directory.path + "/store.sqlite",
            limits: DimensionLimits(outcomesPerRuleMax: 4, conversionsPerOutcomeMax: 2))
        let rule = DeclaredRule(
            outcomeNames: ["=a;-b": "+ \"Wall\"; two"],
            outcomePlaces: [
                OpaqueID(Self.placed): OutcomePlace(tab: "@Anonymous", path: "SubruleNode,InputNode: button3")
            ])
        queries = AnalyticsQueries(
            store: store,
            catalogue: Catalogue(
                sites: ["site": SiteConfiguration(origins: .any)],
                rules: Rules(sites: ["site": SiteRules(rules: ["r": rule])])),
            nowMilliseconds: { Self.midnight + 90 * Self.hour })
        var records: [Record] = []
        for (index, outcome) in ["=a;-b", Self.placed, "c", "'d'", "e", "f"].enumerated() {
            for visitor in 0..<(3 + index) {
                let subject = UInt128(100 * index + visitor)
                records.append(Self.record(subject, outcome, hours: visitor * 7))
                for (number, conversion) in ["CUSTOMER", "a, \"b\"; =c", "third"].enumerated() where visitor > number {
                    records.append(Self.record(subject, outcome, hours: visitor * 7 + 1, conversion))
                }
            }
        }
        try await store.fold(records, advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
    }

    private static func record(_ subject: UInt128, _ outcome: String, hours: Int, _ conversion: String? = nil) -> Record
    {
        Record(
            id: RecordID.random(), timeMilliseconds: midnight + Int64(hours) * hour, subject: Subject(subject),
            site: "site",
            event: conversion.map { .conversion(Conversion(ruleID: "r", outcomeID: outcome, name: $0)) }
                ?? .exposure(Exposure(ruleID: "r", outcomeID: outcome)))
    }

    private func csv(_ variant: ZephrExport.Variant, _ period: ReportPeriod) async throws -> String {
        try #require(try await queries.export(site: "site", ruleID: "r", variant: variant, period: period)).table.csv
    }

    private func comparison(_ text: String, _ period: ReportPeriod) async throws -> ZephrComparison {
        let file = try ZephrFile(Array(text.utf8))
        let own = try ZephrFile(Array(try await csv(file.variant, period).utf8))
        let evidence = ComparisonEvidence(
            report: try #require(try await queries.outcomes(site: "site", ruleID: "r", period: period)),
            rules: try #require(try await queries.rules(site: "site")),
            answers: try #require(try await queries.answers(site: "site", ruleID: "r", period: period)),
            siteAnswers: try #require(try await queries.answers(site: "site", period: period)))
        return ZephrComparison(file, named: ZephrFileName("x.csv"), beside: own, of: period, evidence)
    }

    @Test("It is equal everywhere, whatever the names, as totals and as days", arguments: ZephrExport.Variant.allCases)
    func equal(variant: ZephrExport.Variant) async throws {
        let period = try ReportPeriod(from: "2026-11-01", to: "2026-11-04", timeZone: "Europe/Berlin")
        let text = try await csv(variant, period)
        for text in [text, "\u{FEFF}" + text] {
            let comparison = try await comparison(text, period)
            #expect(comparison.differences == 0 && comparison.reasons.isEmpty, "\(comparison)")
            #expect(comparison.outcomes.map(\.matchedBy) == Array(repeating: .outcomeId, count: 5))
            #expect(comparison.outcomes.map(\.title).contains("(other)"))
            #expect(comparison.sums.filter { $0.outcome == nil }.allSatisfy { ($0.count.here ?? 0) > 0 })
            #expect(comparison.sums.filter { $0.outcome == nil }.count == 4)
        }
    }

    @Test("One that lost a visitor is different there, and nowhere else")
    func different() async throws {
        let text = try await csv(.total, .allTime)
        let changed = text.replacing(",c,5,", with: ",c,6,")
        #expect(changed != text)
        let comparison = try await comparison(changed, .allTime)
        #expect(comparison.differences == 1)
        let outcome = try #require(comparison.outcomes.first { $0.outcomeId == "c" })
        #expect(outcome.counts.map(\.difference) == [-1, 0, 0, 0])
    }

    @Test("The export carries the tab and the path that are declared, and an outcome is found by them alone")
    func places() async throws {
        let text = try await csv(.total, .allTime)
        #expect(text.contains("'@Anonymous,\"SubruleNode,InputNode: button3\",\"\(Self.placed)\","))
        let foreign = text.replacing("\"\(Self.placed)\"", with: "Transformation:Create Account")
        let comparison = try await comparison(foreign, .allTime)
        #expect(comparison.differences == 0)
        #expect(comparison.outcomes.first { $0.outcomeId == Self.placed }?.matchedBy == .outcomePath)
    }

    @Test("A hidden outcome is found and told as hidden")
    func hidden() async throws {
        let text = try await csv(.total, .allTime)
        _ = try await store.setHidden(true, [RulePart(site: "site", ruleID: "r", outcomeID: "c")])
        let comparison = try await comparison(text, .allTime)
        let outcome = try #require(comparison.outcomes.first { $0.outcomeId == "c" })
        #expect(outcome.matchedBy == .outcomeId && outcome.counts.allSatisfy { $0.here == nil })
        #expect(comparison.reasons == ["c is hidden here (rule-outcomes hide), and so left out."])
    }
}
