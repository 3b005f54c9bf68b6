import Glibc

/// Tries by simulation whether the statistics keep what they promise. Prints each figure beside its goal, and exits
/// with status 1 where a goal is not reached.
///
/// The seeds are fixed: two runs print the same.
@main
enum StatisticsSimulation {
    static func main() async {
        let parts = [
            Section.verdicts, Section.extremes, Section.delays, Section.widths, Section.declaredTau, Section.tauRange,
            Section.power, Section.plans, Section.outlooks, Section.lifts, Section.guardrailErrors,
            Section.guardrailPower, Section.mismatches, Section.mismatchPower, Section.refusals, Section.retries,
            Section.refusalPower,
        ]
        var notReached = 0
        for part in parts {
            let section = await part()
            print(section.text)
            notReached += section.notReached
        }
        print("Goals not reached: \(notReached)")
        exit(notReached == 0 ? 0 : 1)
    }
}

/// A part of what is printed: a table, and how many goals in it are not reached.
struct Section: Sendable {
    let text: String
    let notReached: Int

    /// Works on all settings at once, as far as there are processors, and makes a row of each. The last cell of a row
    /// says whether its goal is reached.
    static func table<Setting: Sendable>(
        _ title: String, _ header: [String], _ settings: [Setting],
        row: @escaping @Sendable (_ setting: Setting, _ seed: UInt64) -> [String]
    ) async -> Section {
        var table = Table(title, header)
        table.rows = await withTaskGroup(of: (Int, [String]).self) { group in
            for (index, setting) in settings.enumerated() {
                group.addTask { (index, row(setting, UInt64(index + 1))) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return Section(text: table.text, notReached: table.rows.count { $0.last == Goal.notReached })
    }
}

/// What a figure should be at most, and at least.
struct Goal {
    static let verdictAlarms = Goal(most: 0.05)
    static let groupAlarms = Goal(most: 0.001)
    static let widthRatio = Goal(most: 2)

    static let notReached = "NOT REACHED"

    var least = -Double.infinity
    var most = Double.infinity

    func isReached(by figure: Double) -> Bool {
        (least...most).contains(figure)
    }

    func result(of figure: Double) -> String {
        Self.result(isReached(by: figure))
    }

    static func result(_ isReached: Bool) -> String {
        isReached ? "pass" : notReached
    }
}

/// Rows of text below a title, with columns as wide as they need.
struct Table {
    let title: String
    let header: [String]
    var rows: [[String]] = []

    init(_ title: String, _ header: [String]) {
        self.title = title
        self.header = header
    }

    var text: String {
        let lines = ([header] + rows).map { row in
            zip(row, widths).map { cell, width in pad(cell, width) }.joined(separator: "  ")
        }
        return "\(title)\n\n\(lines.joined(separator: "\n"))\n"
    }

    private var widths: [Int] {
        header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    }

    private func pad(_ cell: String, _ width: Int) -> String {
        String(repeating: " ", count: width - cell.count) + cell
    }
}

/// Numbers as the tables have them.
enum Text {
    static func percent(_ value: Double) -> String {
        "\(fixed(value * 100, value.magnitude < 0.01 ? 2 : 1)) %"
    }

    static func share(_ value: Double) -> String {
        "\(Int((value * 100).rounded()))"
    }

    /// With `digits` after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value.magnitude * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        return "\(sign)\(scaled / scale).\("\(scale + scaled % scale)".dropFirst())"
    }
}
