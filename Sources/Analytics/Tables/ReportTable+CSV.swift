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

    private static func beginsFormula(_ part: Substring.UnicodeScalarView) -> Bool {
        let first = part.first { scalar in
            let isSpace = scalar.properties.isWhitespace && !isTabOrEndOfLine(scalar)
            return !isSpace && scalar != "'" && scalar != "\""
        }
        return first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    }

    private static func isTabOrEndOfLine(_ scalar: Unicode.Scalar) -> Bool {
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
}
