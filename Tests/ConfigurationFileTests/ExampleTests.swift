import Foundation
import Testing
import Yams

@testable import ConfigurationFile

@Suite("The documented example")
struct ExampleTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/config.example.yaml").path

    @Test("It has no mistake, and says what its comments say")
    func parses() throws {
        let configuration = try Configuration.load(path: Self.path)
        #expect(Set(configuration.sites.keys) == ["default", "magazine.example"])
        #expect(configuration.responder.listen == .unix(path: "/run/rule-outcomes/responder.sock"))
        let plain = ResponderConfiguration(listen: .inherited, subjectSecret: configuration.responder.subjectSecret)
        #expect(configuration.responder.deadlineMilliseconds == plain.deadlineMilliseconds)
        #expect(configuration.responder.inFlightMax == plain.inFlightMax)
        #expect(configuration.responder.connectionsMax == plain.connectionsMax)
        let aggregator = configuration.aggregator
        #expect(aggregator.rulesPerSiteMax == 10_000)
        #expect(aggregator.outcomesPerRuleMax == 500)
        #expect(aggregator.conversionsPerOutcomeMax == 50)
    }

    @Test("It shows every key that the reader knows")
    func showsEveryKey() throws {
        let root = try #require(try Yams.compose(yaml: String(contentsOfFile: Self.path, encoding: .utf8)))
        let sites = root["sites"]?.mapping?.values.map { $0 } ?? []
        let shown: [[Node]] = [
            [root], [root["responder"]].compactMap { $0 }, [root["aggregator"]].compactMap { $0 }, sites,
            sites.compactMap { $0["credentials"] }, sites.compactMap { $0["jwt"] },
        ]
        try #require(shown.count == Keys.sections.count)
        for (nodes, section) in zip(shown, Keys.sections) {
            let keys = nodes.flatMap { $0.mapping?.keys.compactMap(\.string) ?? [] }
            #expect(Set(keys) == Set(section.names), "\(section.place)")
        }
    }
}
