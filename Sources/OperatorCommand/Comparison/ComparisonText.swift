import Analytics

/// A comparison for people to read: what is which, the counts, their sums, and the reasons.
struct ComparisonText {
    private let comparison: ZephrComparison

    init(_ comparison: ZephrComparison) {
        self.comparison = comparison
    }

    /// - Parameter columnsMax: How wide the terminal is; nil for lines of any length.
    func text(columnsMax: Int?) -> String {
        func lines(_ text: String) -> String { text.escapedForTerminal.lines(columnsMax: columnsMax) }
        let tables = [
            TextTable(outcomesOf: comparison), TextTable(countsOf: comparison), TextTable(sumsOf: comparison),
        ]
        let reasons = comparison.reasons.enumerated().map { lines("\($0 + 1). \($1)") }
        let parts =
            [lines(heading)] + tables.filter { !$0.isEmpty }.map { $0.text(columnsMax: columnsMax) }
            + [lines(verdict)] + [reasons.joined()].filter { !$0.isEmpty }
            + comparison.notes.map { lines("\($0).") }
        return parts.joined(separator: "\n")
    }

    private var heading: String {
        let time = [comparison.from.map { "from \($0)" }, comparison.to.map { "until \($0)" }].compactMap { $0 }
        let whom =
            switch comparison.variant {
            case .total: "visitors by their first exposure"
            case .daily: "visitors by the days on which they were active, days of \(comparison.timeZone)"
            }
        return "\(comparison.file) beside rule version \(comparison.ruleId) of site \(comparison.site): "
            + "\(whom), \(time.isEmpty ? "of all time" : time.joined(separator: " "))"
    }

    private var verdict: String {
        let count = comparison.differences
        guard count > 0 else { return "All counts are equal." }
        return
            "\(count) \(count == 1 ? "count differs" : "counts differ"), or \(count == 1 ? "is" : "are") known on one side alone:"
    }
}

extension TextTable {
    /// Which outcome is which.
    fileprivate init(outcomesOf comparison: ZephrComparison) {
        self.init(columns: [
            Column("outcome", .left, .shortened), Column("in the file", .left, .shortened), Column("matched by"),
            Column("why"),
        ])
        for outcome in comparison.outcomes {
            let first = outcome.places.first.map { $0.outcomeId.isEmpty ? $0.outcomePath : $0.outcomeId } ?? ""
            let more = outcome.places.count > 1 ? " and \(outcome.places.count - 1) more" : ""
            append([
                outcome.title, first + more,
                outcome.matchedBy?.rawValue ?? (outcome.isInFile ? "only in the file" : "only here"),
                outcome.reasons.numbers,
            ])
        }
    }

    fileprivate init(countsOf comparison: ZephrComparison) {
        let hasDays = comparison.variant == .daily
        self.init(
            columns: [Column("outcome", .left, .shortened), Column("visitors", .left, .shortened, isKey: true)]
                + (hasDays ? [Column("day", isKey: true)] : []) + Self.numberColumns + [Column("why")])
        for outcome in comparison.outcomes {
            for count in outcome.counts {
                append(
                    [outcome.title, count.figureText] + (hasDays ? [count.day ?? ""] : []) + Self.cells(of: count)
                        + [count.reasons.numbers])
            }
        }
    }

    fileprivate init(sumsOf comparison: ZephrComparison) {
        self.init(
            columns: [Column("sum", .left, .shortened), Column("visitors", .left, .shortened, isKey: true)]
                + Self.numberColumns)
        for sum in comparison.sums {
            append([sum.outcome ?? "all outcomes", sum.count.figureText] + Self.cells(of: sum.count))
        }
    }

    private static let numberColumns = [
        Column("Zephr", .right), Column("here", .right), Column("difference", .right), Column("ratio", .right),
    ]

    private static func cells(of count: ZephrComparison.Count) -> [String] {
        [
            count.zephr?.description ?? "", count.here?.description ?? "",
            count.difference.map { $0 > 0 ? "+\($0)" : "\($0)" } ?? "", count.ratio.map { $0.withDecimals(3) } ?? "",
        ]
    }
}

extension ZephrComparison.Count {
    fileprivate var figureText: String {
        figure == .total ? "total" : conversion ?? OutcomesReport.otherName
    }
}

extension [Int] {
    /// As the reasons are counted for people, from 1.
    fileprivate var numbers: String { map { "\($0 + 1)" }.joined(separator: ", ") }
}
