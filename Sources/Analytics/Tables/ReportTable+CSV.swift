extension ReportTable {
    /// As RFC 4180 has CSV: a header row, CRLF after every row, quotes where a cell needs them. Text that a spreadsheet would
    /// take for a formula gets a `'` in front.
    public var csv: String {
        let header = columns.map { Cell.text($0) }
        return ([header] + rows).map { $0.map(Self.encode).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func encode(_ cell: Cell) -> String {
        switch cell {
        case .number(let number): number.map { "\($0)" } ?? ""
        case .decimal(let number): number.map { "\($0)" } ?? ""
        case .text(let text): text.map { quoted(guarded($0)) } ?? ""
        }
    }

    /// Spreadsheets run a cell that begins with one of these.
    private static func guarded(_ text: String) -> String {
        guard let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) else { return text }
        return "'" + text
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        let doubled = text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar == "\"" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return "\"\(doubled)\""
    }
}
