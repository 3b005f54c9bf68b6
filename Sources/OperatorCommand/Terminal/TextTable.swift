/// A table for a terminal: columns aligned, two spaces between them.
struct TextTable {
    enum Alignment {
        case left
        /// For numbers.
        case right
    }

    struct Column {
        let title: String
        let alignment: Alignment
        /// Whether its cells may be shortened in the middle where the terminal is too narrow.
        let shortens: Bool

        init(_ title: String, _ alignment: Alignment = .left, shortens: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.shortens = shortens
        }
    }

    /// Whether it has no rows.
    var isEmpty: Bool { rows.isEmpty }

    private static let gap = "  "
    /// A column is not shortened below this: less tells nothing.
    private static let columnsMin = 8

    private let columns: [Column]
    private var rows: [[String]] = []

    init(columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row of as many cells as there are columns. They may hold anything.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map(\.escapedForTerminal))
    }

    /// The table with a header row, each row ending in a newline.
    ///
    /// - Parameter columnsMax: How wide the terminal is; nil for all that the cells take.
    func text(columnsMax: Int? = nil) -> String {
        let table = [columns.map(\.title)] + rows
        let widths = fitted(table, columnsMax: columnsMax)
        return table.map { row in line(row, widths) + "\n" }.joined()
    }

    /// How wide each column is: as wide as its cells, or less where that is too much.
    private func fitted(_ table: [[String]], columnsMax: Int?) -> [Int] {
        var widths = columns.indices.map { index in table.map { $0[index].columns }.max() ?? 0 }
        guard let columnsMax else { return widths }
        let gaps = Self.gap.count * (columns.count - 1)
        while widths.reduce(gaps, +) > columnsMax {
            let candidates = columns.indices.filter { columns[$0].shortens && widths[$0] > Self.columnsMin }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = zip(columns, zip(cells, widths)).map { column, cell in
            let text = cell.0.shortened(columnsMax: cell.1)
            let padding = String(repeating: " ", count: cell.1 - text.columns)
            return column.alignment == .right ? padding + text : text + padding
        }
        let line = padded.joined(separator: Self.gap)
        return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
    }
}
