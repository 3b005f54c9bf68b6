import Foundation
import Testing
import Yams

@testable import ConfigurationFile

@Suite("The documented examples")
struct ExampleTests {
    private static let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs")
    private static let path = docs.appending(path: "config.example.yaml").path
    private static let rulesPath = docs.appending(path: "rules.example.yaml").path

    @Test("The configuration has no mistake, and says what its comments say")
    func parses() throws {
        let configuration = try Configuration.load(path: Self.path)
        #expect(Set(configuration.sites.keys) == ["default", "magazine.example"])
        #expect(configuration.responder.listen == .unix(path: "/run/rule-outcomes/responder.sock"))
        let plain = ResponderConfiguration(listen: .inherited, subjectSecret: configuration.responder.subjectSecret)
        #expect(configuration.responder.deadlineMilliseconds == plain.deadlineMilliseconds)
        #expect(configuration.responder.inFlightMax == plain.inFlightMax)
        #expect(configuration.responder.connectionsMax == plain.connectionsMax)
        #expect(configuration.responder.keysDirectory == plain.keysDirectory)
        let aggregator = configuration.aggregator
        #expect(aggregator.rulesPerSiteMax == 10_000)
        #expect(aggregator.outcomesPerRuleMax == 500)
        #expect(aggregator.conversionsPerOutcomeMax == 50)
        #expect(configuration.rules == "/etc/rule-outcomes/rules.yaml")
    }

    @Test("The configuration shows what is risky in two places, and says so there")
    func risks() throws {
        let messages = try Configuration.load(path: Self.path).warnings.map(\.message)
        #expect(messages.map { String($0.prefix { $0 != "," && $0 != ":" }) } == ["`accept` has `query`", "`required"])
    }

    @Test("The rules have no mistake beside that configuration, and say what their comments say")
    func rulesParse() throws {
        let sites = Set(try Configuration.load(path: Self.path).sites.keys)
        let site = try #require(try Rules.load(path: Self.rulesPath, sites: sites).sites["default"])
        #expect(site.onlyDeclared == SiteRules(rules: [:]).onlyDeclared)
        let group = try #require(site.rules["article-22"]?.groups.first)
        let plain = OutcomeGroup(name: "", shares: [], baseline: "", conversion: "")
        #expect(group.windowDays == plain.windowDays)
        #expect(group.tau == plain.tau)
        #expect(site.rules["article-21"] == DeclaredRule())
        #expect(site.rules["article-22"]?.outcomePlaces["graph/1#1,graph/1#3"]?.tab == "Anonymous")
        #expect(site.features == ["article": "article-22"])
    }

    @Test("The configuration shows every key that the reader knows")
    func showsEveryKey() throws {
        let root = try Self.root(Self.path)
        let sites = values(of: root["sites"])
        let shown: [[Node]] = [
            [root], [root["responder"]].compactMap { $0 }, [root["aggregator"]].compactMap { $0 }, sites,
            sites.compactMap { $0["credentials"] }, sites.compactMap { $0["jwt"] },
            [root["notify"]].compactMap { $0 },
        ]
        try expect(shown, show: Keys.sections)
    }

    @Test("The rules show every key that the reader knows")
    func showsEveryRuleKey() throws {
        let root = try Self.root(Self.rulesPath)
        let sites = values(of: root["sites"])
        let rules = sites.flatMap { values(of: $0["rules"]) }
        let outcomes = rules.flatMap { values(of: $0["outcomes"]) }.filter { $0.mapping != nil }
        let groups = rules.flatMap { values(of: $0["groups"]) }
        try expect([[root], sites, rules, outcomes, groups], show: RuleKeys.sections)
    }

    private static func root(_ path: String) throws -> Node {
        try #require(try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8)))
    }

    private func values(of node: Node?) -> [Node] {
        node?.mapping?.values.map { $0 } ?? []
    }

    /// Expects of the nodes of each section that they have all of its keys and no others.
    private func expect(_ shown: [[Node]], show sections: [any Keys.Section.Type]) throws {
        try #require(shown.count == sections.count)
        for (nodes, section) in zip(shown, sections) {
            let keys = nodes.flatMap { $0.mapping?.keys.compactMap(\.string) ?? [] }
            #expect(Set(keys) == Set(section.names), "\(section.place)")
        }
    }
}
