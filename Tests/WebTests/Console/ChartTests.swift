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

    @Test("where nobody has converted yet the axis is one that a rate may come to")
    func noRates() {
        #expect(RateAxis(highest: 0).ticks.last?.label == "1.00 %")
    }

    @Test("a few bars are no wider than those of many, and stand in the middle", arguments: [1, 2, 11])
    func fewBars(count: Int) throws {
        let bars = BarChart((0..<count).map { _ in (3, "", false) }).bars
        func number(_ text: String) throws -> Double { try #require(Double(text.dropLast())) }
        let (first, last) = (try #require(bars.first), try #require(bars.last))
        #expect(try number(first.width) < 10)
        #expect(abs(try number(first.x) + number(last.x) + number(last.width) - 100) < 0.05)
    }

    @Test("no counts are no bars")
    func noBars() {
        #expect(BarChart([]).bars.isEmpty)
    }
}
