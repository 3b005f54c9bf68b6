import Analytics
import Foundation
import Testing

@testable import Web

@Suite("The journey")
struct JourneyTests {
    private typealias Outcome = (id: String, exposed: Int, converted: Int)

    /// A report of outcomes with so many visitors each, of whom so many have converted.
    private static func report(_ outcomes: [Outcome], basis: Basis = .cohort) throws -> OutcomesReport {
        let list = try outcomes.map { outcome in
            let id = String(decoding: try JSONEncoder().encode(outcome.id), as: UTF8.self)
            return """
                {"outcomeId": \(id), "exposed": \(outcome.exposed), "exposures": \(outcome.exposed), "maturing": 0,
                "verdict": {"word": "cannot be compared"},
                "conversions": [{"conversion": "C", "converted": \(outcome.converted), "events": 1,
                "rate": \(Double(outcome.converted) / Double(max(outcome.exposed, 1)))}]}
                """
        }
        let json = """
            {"site": "s", "ruleId": "r", "basis": "\(basis.rawValue)", "timeZone": "UTC", "asOf": "2026-11-25T00:00:00.000Z",
            "epochs": [], "notes": [], "windowDays": 7, "groups": [], "outcomes": [\(list.joined(separator: ","))]}
            """
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
    }

    private static func report(_ outcomes: [(id: String, exposed: Int)]) throws -> OutcomesReport {
        try report(outcomes.map { ($0.id, $0.exposed, 0) })
    }

    private static func flow(_ report: OutcomesReport) -> JourneyFlow {
        let tree = JourneyTree(report)
        let rates = JourneyRates(tree.root.outcomes, conversion: "C", basis: report.basis)
        return JourneyFlow(tree.folded, rates: rates)
    }

    private static func ids(_ nodes: [JourneyTree.Node]) -> [[String]] { nodes.map { $0.steps.map(\.id) } }

    @Test("paths that begin alike are one way until they part, and the way of most visitors comes first")
    func tree() throws {
        let report = try Self.report([("a,b,c", 10), ("a,b,d", 30), ("a,e,f", 5), ("g", 55), ("unseen,x", 0)])
        let tree = JourneyTree(report)
        #expect(tree.root.visitors == 100)
        #expect(Self.ids(tree.root.children) == [["g"], ["a"]])
        let a = tree.root.children[1]
        #expect(a.visitors == 45)
        #expect(Self.ids(a.children) == [["b"], ["e", "f"]])
        #expect(a.children[0].children.map(\.visitors) == [30, 10])
        #expect(a.children[0].children[0].detail(parent: a.children[0]) == "30 visitors, 75.0 %")
        let flow = Self.flow(report)
        #expect(flow.bands.count == 6)
        #expect(flow.labels.count == 7)
        // The step that others would leave out is a dot on its band.
        #expect(flow.bands.flatMap(\.stops).map(\.step) == ["e"])
        #expect(flow.labels.contains { $0.details[0].text == "5 visitors, 11.1 % · by 1 more step" })
    }

    @Test("an outcome may stand on the way to another")
    func onTheWay() throws {
        let tree = JourneyTree(try Self.report([("a", 10), ("a,b", 30)]))
        #expect(tree.root.visitors == 40)
        #expect(tree.root.children.map(\.visitors) == [30, 10])
        #expect(tree.root.children.map(\.title) == ["b", "no further"])
        let odd = JourneyTree(try Self.report([("x", 1), ("x,", 2), (",x", 3), ("x,,", 4), (",", 5)]))
        #expect(odd.root.visitors == 15)
        #expect(odd.root.children.map(\.visitors) == [8, 7])
    }

    @Test("without exposures all ways are there; without outcomes there is the start alone")
    func withoutExposures() throws {
        #expect(Self.ids(JourneyTree(try Self.report([("a,b", 0), ("a,c", 0)])).root.children) == [["b"], ["c"]])
        let empty = Self.flow(try Self.report([(String, Int)]()))
        #expect(empty.bands.isEmpty && empty.labels.flatMap(\.titles).map(\.text) == ["All visitors"])
    }

    @Test("the tail of many ways is folded together in the drawing, and is whole in the list")
    func tail() throws {
        let report = try Self.report((1...20).map { ("a,\($0)", $0) } + [("b", 1)])
        let tree = JourneyTree(report)
        #expect(tree.root.children[0].children.count == 20)
        let folded = try #require(tree.folded.root.children.first)
        #expect(folded.children.map(\.visitors) == [20, 19, 18, 17, 16, 15, 14, (1...13).reduce(0, +)])
        #expect(folded.children.last?.title == "13 smaller ways")
        let eight = JourneyTree(try Self.report((1...8).map { ("\($0)", $0) }))
        #expect(eight.folded.root.children.allSatisfy { $0.folded == 0 })
    }

    @Test("steps are called what is declared for the way to them")
    func names() throws {
        let names = [["a"]: "Limit reached", ["a", "b"]: "Wall"]
        let report = try Self.report([("a,b,c", 1), ("a,b,d", 1), ("a,e", 1), ("f", 1)])
        let root = JourneyTree(report) { names[$0] }.root
        #expect(root.children.map(\.title) == ["Limit reached", "f"])
        #expect(root.children[0].children.map(\.title) == ["Wall", "e"])
    }

    @Test("at the ends stand rates with their intervals, in shades from the lowest to the highest")
    func rates() throws {
        let outcomes: [Outcome] = [("a", 1000, 10), ("b", 1000, 30), ("c", 1000, 50), ("d", 0, 0)]
        let report = try Self.report(outcomes)
        let rates = JourneyRates(report.outcomes, conversion: "C", basis: .cohort)
        #expect(report.outcomes.map(rates.shade) == ["shade-1", "shade-3", "shade-5", ""])
        #expect(rates.text(of: report.outcomes[2]) == "5.00 % converted (3.81 to 6.53 %)")
        #expect(rates.text(of: report.outcomes[3]) == nil)
        #expect(rates.legend?.low == "1.00 %" && rates.legend?.high == "5.00 %")
        let active = try Self.report(outcomes, basis: .activity)
        let byDay = JourneyRates(active.outcomes, conversion: "C", basis: .activity)
        #expect(byDay.text(of: active.outcomes[2]) == "5.00 % converted")
        let alike = JourneyRates(Array(report.outcomes.prefix(1)), conversion: "C", basis: .cohort)
        #expect(alike.legend == nil && alike.shade(of: report.outcomes[0]) == "")
    }

    @Test("a long label goes on in further lines, and loses nothing")
    func long() throws {
        let name = "graph/" + String(repeating: "long", count: 20) + "/and then some"
        let flow = Self.flow(try Self.report([(name, 3), ("b", 1)]))
        let label = try #require(flow.labels.first { $0.titles.count > 1 })
        #expect(label.titles.map(\.text).joined() == name)
        #expect(label.titles.allSatisfy { $0.text.count <= 30 })
    }
}
