import Foundation

/// Counts over time as bars. Places and sizes are percentages of whatever room the page has.
struct BarChart {
    struct Bar {
        let x: String
        let y: String
        let width: String
        let height: String
        /// What the bar stands for: `25 Nov: 1 234`.
        let title: String
        /// Whether it may still grow.
        let isYoung: Bool
    }

    struct Line {
        let y: String
        let label: String
    }

    let bars: [Bar]
    /// At round counts.
    let lines: [Line]

    /// - Parameter values: one for each bar, with what is said of it.
    init(_ values: [(count: Int, title: String, isYoung: Bool)]) {
        let highest = max(values.map(\.count).max() ?? 0, 1)
        let step = Self.step(for: highest)
        let top = ((Double(highest) / Double(step)).rounded(.up)) * Double(step)
        let slot = 100 / Double(max(values.count, 1))
        bars = values.enumerated().map { index, value in
            let height = Double(value.count) / top * 100
            return Bar(
                x: Self.percent((Double(index) + 0.1) * slot), y: Self.percent(100 - height),
                width: Self.percent(slot * 0.8), height: Self.percent(height), title: value.title,
                isYoung: value.isYoung)
        }
        lines = stride(from: step, through: Int(top), by: step).map { count in
            Line(y: Self.percent(100 - Double(count) / top * 100), label: count.grouped)
        }
    }

    /// A round number of which two to five reach the highest count.
    private static func step(for highest: Int) -> Int {
        var magnitude = 1
        while magnitude * 10 * 2 <= highest { magnitude *= 10 }
        return [1, 2, 5, 10].map { $0 * magnitude }.first { highest / $0 <= 4 } ?? magnitude * 10
    }

    private static func percent(_ number: Double) -> String {
        String(format: "%.2f%%", number)
    }
}
