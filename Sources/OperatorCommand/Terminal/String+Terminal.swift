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
