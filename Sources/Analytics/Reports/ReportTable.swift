import FoundationEssentials

/// A table of a report, to be written in one of the forms that programs read.
public struct ReportTable: Sendable {
    public enum Cell: Sendable {
        /// Text from anywhere.
        case text(String?)
        /// Empty, or null, where there is none.
        case number(Int?)
        /// As many digits as it takes to read the same number again; empty, or null, where there is none.
        case decimal(Double?)
    }

    public let columns: [String]
    public private(set) var rows: [[Cell]] = []

    public init(columns: [String]) {
        self.columns = columns
    }

    /// `cells` are as many as there are columns.
    public mutating func append(_ cells: [Cell]) {
        rows.append(cells)
    }
}

extension ReportTable {
    /// As RFC 4180 has CSV: a header row, CRLF after every row, quotes where a cell needs them. No part of a text that a
    /// spreadsheet would take for a cell begins a formula, see ``guarded(_:)``.
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

    /// The text with a `'` in front of each part of it that would begin a formula.
    ///
    /// Many locales' spreadsheets split at semicolons or tabs, whatever the quotes say that RFC 4180 puts around a cell. So a
    /// part is what stands at the text's beginning, or after a semicolon, a tab, or the end of a line. It
    /// begins a formula where `=`, `+`, `-`, `@`, a tab or a carriage return comes first, spaces and quotes of either kind apart.
    /// Those with a `'` in front that were so before get another one, so that taking one away gives the text again.
    private static func guarded(_ text: String) -> String {
        guard text.utf8.contains(where: { "=+-@\t\r".utf8.contains($0) }) else { return text }
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        var isFirstOfPart = true
        while let scalar = rest.first {
            if isFirstOfPart, beginsFormula(rest) { result.append("'") }
            result.append(scalar)
            isFirstOfPart = scalar == ";" || isTabOrEndOfLine(scalar)
            rest = rest.dropFirst()
        }
        return String(result)
    }

    static func beginsFormula(_ part: Substring.UnicodeScalarView) -> Bool {
        let first = part.first { scalar in
            let isSpace = scalar.properties.isWhitespace && !isTabOrEndOfLine(scalar)
            return !isSpace && scalar != "'" && scalar != "\""
        }
        return first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    }

    static func isTabOrEndOfLine(_ scalar: Unicode.Scalar) -> Bool {
        "\t\r\n".unicodeScalars.contains(scalar)
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        let doubled = text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar == "\"" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return "\"\(doubled)\""
    }

    /// One JSON object a line for each row, its members named after the columns and in their order.
    public var ndjson: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let names = columns.map { Self.encode($0, encoder) }
        return rows.map { row in
            let members = zip(names, row).map { "\($0):\(Self.encode($1, encoder))" }
            return "{\(members.joined(separator: ","))}\n"
        }.joined()
    }

    private static func encode(_ cell: Cell, _ encoder: JSONEncoder) -> String {
        switch cell {
        case .number(let number): number.map { "\($0)" } ?? "null"
        case .decimal(let number): number.map { "\($0)" } ?? "null"
        case .text(let text): text.map { encode($0, encoder) } ?? "null"
        }
    }

    private static func encode(_ text: String, _ encoder: JSONEncoder) -> String {
        // A string can always be encoded.
        (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
