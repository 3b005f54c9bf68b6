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
        /// What becomes of its cells where the terminal is too narrow.
        let narrowing: Narrowing
        /// Whether its cells say what a row is of, so that each part of a table that is split has them.
        let isKey: Bool

        init(_ title: String, _ alignment: Alignment = .left, _ narrowing: Narrowing = .none, isKey: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.narrowing = narrowing
            self.isKey = isKey
        }
    }

    enum Narrowing {
        case none
        /// They are shortened in the middle, no further than they can be told apart where there is room for that.
        case shortened
        /// They go on in the next line.
        case wrapped
    }

    /// Whether it has no rows.
    var isEmpty: Bool { rows.isEmpty }

    private static let gap = "  "
    /// A cell is not shortened below this: less tells nothing.
    private static let shortenedColumnsMin = 8
    private static let wrappedColumnsMin = 20

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
    /// - Parameter columnsMax: How wide the terminal is; nil for all that the cells take. Where it is too narrow titles go on in
    ///   a second line, then cells become narrower, and at last the table is split into several, an empty line between
    ///   them, each with the columns that say what a row is of.
    func text(columnsMax: Int? = nil) -> String {
        var widest = columns.indices.map { max(columns[$0].title.columns, cellColumns($0)) }
        guard let columnsMax else { return text(Array(columns.indices), widest) }
        let least = columns.indices.map { leastColumns($0, columnsMax: columnsMax) }
        let parts = parts(least, columnsMax: columnsMax)
        // What says which row it is reads the same in each part.
        for part in parts {
            for (index, width) in zip(part, fitted(part, widest, least, columnsMax: columnsMax)) where isKey(index) {
                widest[index] = min(widest[index], width)
            }
        }
        return parts.map { text($0, fitted($0, widest, least, columnsMax: columnsMax)) }.joined(separator: "\n")
    }

    private func isKey(_ index: Int) -> Bool {
        index == 0 || columns[index].isKey
    }

    private func cellColumns(_ index: Int) -> Int {
        rows.map { $0[index].columns }.max() ?? 0
    }

    /// How narrow a column may become while the table can be split instead.
    private func leastColumns(_ index: Int, columnsMax: Int) -> Int {
        let column = columns[index]
        let title = column.title.split(separator: " ").map { String($0).columns }.max() ?? 0
        let cells = cellColumns(index)
        return switch column.narrowing {
        case .none: max(title, cells)
        case .shortened: max(title, min(cells, distinctColumns(index, columnsMax: columnsMax / (index == 0 ? 2 : 3))))
        case .wrapped: max(title, min(cells, Self.wrappedColumnsMin))
        }
    }

    /// In how many columns, up to so many, cells that differ are shown as different.
    private func distinctColumns(_ index: Int, columnsMax: Int) -> Int {
        let cells = Set(rows.map { $0[index] })
        let candidates = Self.shortenedColumnsMin..<max(Self.shortenedColumnsMin, columnsMax)
        let least = candidates.first { width in
            Set(cells.map { $0.shortened(columnsMax: width) }).count == cells.count
        }
        return least ?? candidates.upperBound
    }

    /// The columns of each table that there is room for.
    private func parts(_ least: [Int], columnsMax: Int) -> [[Int]] {
        let keys = columns.indices.filter(isKey)
        func fits(_ part: [Int]) -> Bool { total(part.map { least[$0] }) <= columnsMax }
        guard !fits(Array(columns.indices)) else { return [Array(columns.indices)] }
        var parts = [keys]
        for index in columns.indices where !keys.contains(index) {
            let last = parts[parts.count - 1]
            if last == keys || fits(last + [index]) {
                parts[parts.count - 1] = (last + [index]).sorted()
            } else {
                parts.append((keys + [index]).sorted())
            }
        }
        return parts
    }

    private func total(_ widths: [Int]) -> Int {
        widths.reduce(Self.gap.count * (widths.count - 1), +)
    }

    /// How wide each column of a part is: as wide as its cells, or less where that is too much. What loses nothing by it gives way
    /// first.
    private func fitted(_ part: [Int], _ widest: [Int], _ least: [Int], columnsMax: Int) -> [Int] {
        var widths = part.map { widest[$0] }
        let isShortened = part.map { columns[$0].narrowing == .shortened }
        while total(widths) > columnsMax {
            let steps = [
                part.indices.filter { !isShortened[$0] && widths[$0] > least[part[$0]] },
                part.indices.filter { isShortened[$0] && widths[$0] > least[part[$0]] },
                part.indices.filter { isShortened[$0] && widths[$0] > Self.shortenedColumnsMin },
            ]
            let candidates = steps.first { !$0.isEmpty } ?? []
            guard let wide = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[wide] -= 1
        }
        return widths
    }

    private func text(_ part: [Int], _ widths: [Int]) -> String {
        let titles = zip(part, widths).map { columns[$0].title.wrapped(columnsMax: $1) }
        let height = titles.map(\.count).max() ?? 0
        // A title of one line stands right above its cells.
        let header = titles.map { [String](repeating: "", count: height - $0.count) + $0 }
        let cells = rows.map { row in
            zip(part, widths).map { index, width in
                columns[index].narrowing == .wrapped
                    ? row[index].wrapped(columnsMax: width) : [row[index].shortened(columnsMax: width)]
            }
        }
        return ([header] + cells).map { lines($0, part, widths) }.joined()
    }

    /// The lines of a row, each cell of which is some lines.
    private func lines(_ cells: [[String]], _ part: [Int], _ widths: [Int]) -> String {
        (0..<(cells.map(\.count).max() ?? 0)).map { number in
            let padded = part.indices.map { place in
                let text = number < cells[place].count ? cells[place][number] : ""
                let padding = String(repeating: " ", count: max(0, widths[place] - text.columns))
                return columns[part[place]].alignment == .right ? padding + text : text + padding
            }
            let line = padded.joined(separator: Self.gap)
            return line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)] + "\n"
        }.joined()
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

    /// The text in lines of at most `columnsMax` columns, at least one, broken at spaces, and within words that are longer.
    func wrapped(columnsMax: Int) -> [String] {
        guard columns > columnsMax, columnsMax > 0 else { return [self] }
        var lines: [String] = []
        for word in split(separator: " ") {
            var rest = String(word)
            if let last = lines.last, last.columns + 1 + rest.columns <= columnsMax {
                lines[lines.count - 1] = "\(last) \(rest)"
                continue
            }
            while rest.columns > columnsMax, rest.count > 1 {
                // A character that is wider than the line has one to itself.
                let count = max(1, Self.leading(rest, columnsMax: columnsMax).count)
                lines.append(String(rest.prefix(count)))
                rest.removeFirst(count)
            }
            lines.append(rest)
        }
        return lines
    }

    /// The text as a paragraph, in lines that end in newlines; in one where there is no terminal.
    func lines(columnsMax: Int?) -> String {
        (columnsMax.map { wrapped(columnsMax: $0) } ?? [self]).map { $0 + "\n" }.joined()
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
