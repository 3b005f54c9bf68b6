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

/// Text from anywhere, as a terminal shows it.
extension String {
    /// The text with everything that a terminal would obey, or that would hide or reorder what stands beside it, as
    /// `\u{1b}`: control and format characters, and separators of lines.
    var escapedForTerminal: String {
        unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.isShownByTerminal {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
    }

    /// How many columns of a terminal the text takes.
    var columns: Int {
        reduce(0) { $0 + $1.columns }
    }

    /// The text in at most `columnsMax` columns, its middle left out where it is longer.
    func shortened(columnsMax: Int) -> String {
        guard columns > columnsMax else { return self }
        guard columnsMax > 0 else { return "" }
        let tailColumns = (columnsMax - 1) / 2
        let head = Self.leading(self, columnsMax: columnsMax - 1 - tailColumns)
        let tail = Self.leading(reversed(), columnsMax: tailColumns)
        return String(head) + "…" + String(tail.reversed())
    }

    private static func leading(_ characters: some Sequence<Character>, columnsMax: Int) -> [Character] {
        var columns = 0
        return characters.prefix { character in
            columns += character.columns
            return columns <= columnsMax
        }
    }
}

extension Character {
    /// Two for East Asian characters and emoji.
    fileprivate var columns: Int {
        unicodeScalars.contains(where: \.isWide) ? 2 : 1
    }
}

extension Unicode.Scalar {
    fileprivate var isShownByTerminal: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// The ranges that Unicode's `EastAsianWidth.txt` has as wide or full width, rounded to whole blocks.
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
