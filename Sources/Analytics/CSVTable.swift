/// A table in CSV (RFC 4180): CRLF after every row, quotes where a cell needs them.
public struct CSVTable: Sendable {
    public enum Cell: Sendable {
        /// Text from anywhere. What a spreadsheet would take for a formula gets a `'` in front.
        case text(String)
        /// Empty where there is none.
        case number(Int?)
        /// As many digits as it takes to read the same number again; empty where there is none.
        case decimal(Double?)
    }

    public private(set) var text = ""

    public init(header: [String]) {
        append(header.map(Cell.text))
    }

    public mutating func append(_ cells: [Cell]) {
        text += cells.map(Self.encode).joined(separator: ",") + "\r\n"
    }

    private static func encode(_ cell: Cell) -> String {
        switch cell {
        case .number(let number): number.map { "\($0)" } ?? ""
        case .decimal(let number): number.map { "\($0)" } ?? ""
        case .text(let text): quoted(guarded(text))
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
