import ConfigurationFile
import Foundation
import Records
import SQLiteStorage
import Storage
import TestSupport
import Testing

@testable import Analytics

@Suite("Questions to a store")
struct AnalyticsQueriesTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteOutcomeStore
    private let queries: AnalyticsQueries

    init() async throws {
        directory = try TemporaryDirectory()
        store = try SQLiteOutcomeStore(
            path: directory.path + "/store.sqlite",
            limits: DimensionLimits(rulesPerSiteMax: 2, outcomesPerRuleMax: 1, conversionsPerOutcomeMax: 1))
        queries = AnalyticsQueries(
            store: store, catalogue: Catalogue(sites: ["configured": SiteConfiguration(origins: .any)]))
        let records = [
            Self.record(1, at: 1000, rule: "first", conversion: "CUSTOMER"), Self.record(1, at: 3000, rule: "first"),
            Self.record(2, at: 2000, rule: "first", conversion: "CUSTOMER"),
            Self.record(2, at: 9000, rule: "second", outcome: "a"),
            Self.record(3, at: 8000, rule: "second", outcome: "b"),
            Self.record(4, at: 5000, rule: "third"), Self.record(5, at: 6000, rule: "fourth"),
        ]
        try await store.fold(records, advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
    }

    @Test("a site's rule versions come with the latest event first, those beyond the limit together without a name")
    func rules() async throws {
        let report = try #require(try await queries.rules(site: "site"))
        #expect(report.site == "site")
        #expect(report.rules.map(\.ruleId) == ["second", nil, "first"])
        #expect(report.rules.map(\.conversions) == [2, 2, 3])
        #expect(report.rules.map(\.outcomes) == [2, 1, 1])
        #expect(report.rules.last?.firstEvent.text == "1970-01-01T00:00:01.000Z")
        #expect(report.rules.last?.lastEvent.text == "1970-01-01T00:00:03.000Z")
    }

    @Test("the sites are those that are configured and those that have records, by name")
    func allSites() async throws {
        #expect(try await queries.sites() == SitesReport(sites: ["configured", "site"]))
    }

    @Test("a configured site without records has no rule versions, and any other site does not exist")
    func sites() async throws {
        let configured = try #require(try await queries.rules(site: "configured"))
        #expect(configured.site == "configured" && configured.rules.isEmpty && configured.unseen.isEmpty)
        #expect(try await queries.rules(site: "elsewhere") == nil)
    }

    @Test("a rule version's outcomes are counted by conversion, those beyond the limits together without a name")
    func outcomes() async throws {
        let first = try #require(try await queries.outcomes(site: "site", ruleID: "first"))
        #expect(first.ruleId == "first")
        #expect(first.rows.map(\.conversion.conversion) == ["CUSTOMER", nil])
        #expect(first.rows.map(\.conversion.visitors) == [2, 1])
        let second = try #require(try await queries.outcomes(site: "site", ruleID: "second"))
        #expect(second.outcomes.map(\.outcomeId) == ["a", nil])
    }

    @Test(
        "a rule version without records, or of another site, is nil",
        arguments: [("site", "unknown"), ("configured", "first"), ("elsewhere", "first"), ("site", "(other)")])
    func unknown(site: String, ruleID: String) async throws {
        #expect(try await queries.outcomes(site: site, ruleID: ruleID) == nil)
    }

    private static func record(
        _ subject: UInt128, at time: Int64, rule: String, outcome: String = "outcome", conversion: String = "REGISTERED"
    ) -> Record {
        Record(
            id: RecordID.random(), timeMilliseconds: time, subject: Subject(subject), site: "site",
            event: .conversion(Conversion(ruleID: rule, outcomeID: outcome, name: conversion)))
    }
}

@Suite("What is declared")
struct CatalogueTests {
    @Test("all of it has its place: rules, outcomes with a name or in a group, and the groups' conversions")
    func places() throws {
        let group = OutcomeGroup(
            name: "g", shares: [.init(outcome: "b", weight: 1), .init(outcome: "a", weight: 1)], baseline: "a",
            conversion: "CUSTOMER")
        let rule = DeclaredRule(outcomeNames: ["c": "Named", "a": "Named too"], groups: [group])
        let catalogue = Catalogue(
            sites: ["default": SiteConfiguration(origins: .any)],
            rules: Rules(sites: ["default": SiteRules(rules: ["article-22": rule, "Article": DeclaredRule()])]))
        let rules = try #require(catalogue.declaredNames.sites[DimensionName("default")]?.rules)
        #expect(rules.count == 2)
        #expect(rules[DimensionName("Article")] == DeclaredNames.Rule())
        let declared = try #require(rules[DimensionName("article-22")])
        #expect(declared.outcomes == Set(["a", "b", "c"].map { DimensionName($0) }))
        #expect(declared.conversions == [DimensionName("CUSTOMER")])
        #expect(declared.groups.map(\.name) == ["g"])
    }
}
