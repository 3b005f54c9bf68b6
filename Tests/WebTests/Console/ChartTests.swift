import Analytics
import Foundation
import Testing

@testable import Web

@Suite("Charts of the console")
struct ChartTests {
    @Test(
        "the axis of rates ends at a round number above the highest, with a handful of ticks",
        arguments: [
            (0.06, ["0 %", "2 %", "4 %", "6 %"]), (0.0895, ["0.0 %", "2.5 %", "5.0 %", "7.5 %", "10.0 %"]),
            (0.01, ["0.00 %", "0.25 %", "0.50 %", "0.75 %", "1.00 %"]), (1.4, ["0 %", "50 %", "100 %", "150 %"]),
            (1, ["0 %", "25 %", "50 %", "75 %", "100 %"]), (0.0031, ["0.0 %", "0.1 %", "0.2 %", "0.3 %", "0.4 %"]),
        ] as [(Double, [String])])
    func axis(highest: Double, labels: [String]) {
        let axis = RateAxis(highest: highest)
        #expect(axis.ticks.map(\.label) == labels)
        #expect(axis.ticks.first?.x == "0.00%")
        #expect(axis.x(9) == "100.00%" && axis.x(-1) == "0.00%")
    }

    @Test("an axis of nothing is one all the same", arguments: [0, -1, .nan, .infinity] as [Double])
    func emptyAxis(highest: Double) {
        #expect(RateAxis(highest: highest).ticks.count > 1)
    }

    @Test(
        "bars reach as high as their counts, below a round number",
        arguments: [[0, 5, 10], [1], [0], [999, 1001], [7_654_321]])
    func bars(counts: [Int]) throws {
        let chart = BarChart(counts.map { ($0, "\($0)", false) })
        #expect(chart.bars.count == counts.count)
        #expect((1...6).contains(chart.lines.count))
        let heights = chart.bars.compactMap { Double($0.height.dropLast()) }
        let highest = try #require(zip(counts, heights).max { $0.0 < $1.0 })
        #expect(highest.1 <= 100)
        for (count, height) in zip(counts, heights) where highest.0 > 0 {
            #expect(abs(height - highest.1 * Double(count) / Double(highest.0)) < 0.1)
        }
    }

    @Test("no counts are no bars")
    func noBars() {
        #expect(BarChart([]).bars.isEmpty)
    }

    /// A report of outcomes with so many visitors each.
    private static func report(_ outcomes: [(id: String, exposed: Int)]) throws -> OutcomesReport {
        let list = try outcomes.map { outcome in
            let id = String(decoding: try JSONEncoder().encode(outcome.id), as: UTF8.self)
            return """
                {"outcomeId": \(id), "exposed": \(outcome.exposed), "exposures": \(outcome.exposed), "maturing": 0,
                "verdict": {"word": "cannot be compared"}, "conversions": []}
                """
        }
        let json = """
            {"site": "s", "ruleId": "r", "basis": "cohort", "timeZone": "UTC", "asOf": "2026-11-25T00:00:00.000Z",
            "epochs": [], "notes": [], "windowDays": 7, "groups": [], "outcomes": [\(list.joined(separator: ","))]}
            """
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
    }

    @Test("paths that begin alike are one way until they part, and visitors add up along it")
    func journey() throws {
        let tree = JourneyTree(
            try Self.report([("a,b,c", 10), ("a,b,d", 30), ("a,e,f", 5), ("g", 55), ("unseen,x", 0)]))
        #expect(tree.root.visitors == 100)
        #expect(tree.root.children.map(\.steps) == [["a"], ["g"]])
        let a = tree.root.children[0]
        #expect(a.visitors == 45)
        #expect(a.children.map(\.steps) == [["b"], ["e", "f"]])
        #expect(a.children[0].children.map(\.visitors) == [10, 30])
        #expect(a.children[0].children[1].detail(parent: a.children[0]) == "30 visitors, 75.0 %")
        let flow = JourneyFlow(tree)
        #expect(flow.bands.count == 6)
        #expect(flow.labels.count == 7)
    }

    @Test("an outcome may stand on the way to another")
    func onTheWay() throws {
        let tree = JourneyTree(try Self.report([("a", 10), ("a,b", 30)]))
        #expect(tree.root.visitors == 40)
        #expect(tree.root.children.map(\.visitors) == [10, 30])
        #expect(tree.root.children.map(\.title) == ["no further", "b"])
        let odd = JourneyTree(try Self.report([("x", 1), ("x,", 2), (",x", 3), ("x,,", 4), (",", 5)]))
        #expect(odd.root.visitors == 15)
        #expect(odd.root.children.map(\.visitors) == [7, 8])
    }

    @Test("without exposures all ways are there; without outcomes there is the start alone")
    func withoutExposures() throws {
        #expect(JourneyTree(try Self.report([("a,b", 0), ("a,c", 0)])).root.children.map(\.steps) == [["b"], ["c"]])
        let empty = JourneyFlow(JourneyTree(try Self.report([])))
        #expect(empty.bands.isEmpty && empty.labels.map(\.text) == ["All visitors"])
    }
}
