import Yams

/// The file's text by lines, to tell where YAML reads something else than somebody will have meant.
struct YAMLSource {
    /// Without their breaks.
    private let lines: [Substring.UnicodeScalarView]

    init(_ text: String) {
        let scalars = text[...].unicodeScalars
        var lines: [Substring.UnicodeScalarView] = []
        var start = scalars.startIndex
        while let end = scalars[start...].firstIndex(where: Self.isBreak) {
            lines.append(scalars[start..<end])
            start = scalars.index(after: end)
            if scalars[end] == "\r", start < scalars.endIndex, scalars[start] == "\n" {
                start = scalars.index(after: start)
            }
        }
        self.lines = lines + [scalars[start...]]
    }

    /// The line from a place on; nil where there is no such line. Lines and columns count from 1, columns in Unicode scalars.
    func text(line: Int, column: Int = 1) -> Substring.UnicodeScalarView? {
        lines.indices.contains(line - 1) ? lines[line - 1].dropFirst(column - 1) : nil
    }

    /// Yams knows no style of the mappings that it reads.
    func isInBraces(_ mapping: Node.Mapping) -> Bool {
        mapping.mark.flatMap { text(line: $0.line, column: $0.column) }?.first == "{"
    }

    /// The line breaks of YAML 1.1.
    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}

// In YAML a `#` behind a space begins a comment. Comments have a space behind the `#` mostly, and ids a number.
extension YAMLSource {
    /// Whether a value without quotes ends, or is missing, at what YAML takes for a comment and may be a part of it: `graph/1 #1`.
    func isDoubtful(endOf scalar: Node.Scalar) -> Bool {
        guard scalar.style == .plain, let mark = scalar.mark,
            let text = text(line: mark.line, column: mark.column),
            text.starts(with: scalar.string.unicodeScalars)
        else { return false }
        let rest = text.dropFirst(scalar.string.unicodeScalars.count)
        let comment = rest.drop { $0 == " " || $0 == "\t" }
        return comment.startIndex > rest.startIndex && Self.mayBeID(comment)
    }

    /// Whether there is such a comment anywhere on these lines, outside of quotes.
    func hasDoubtfulComment(lines numbers: ClosedRange<Int>) -> Bool {
        numbers.contains { number in
            var quote: Unicode.Scalar?
            var isBehindSpace = false
            guard let text = text(line: number) else { return false }
            for index in text.indices {
                let scalar = text[index]
                defer { isBehindSpace = scalar == " " || scalar == "\t" }
                if scalar == quote {
                    quote = nil
                } else if quote == nil, scalar == "\"" || scalar == "'" {
                    quote = scalar
                } else if quote == nil, isBehindSpace, scalar == "#" {
                    return Self.mayBeID(text[index...])
                }
            }
            return false
        }
    }

    private static func mayBeID(_ comment: Substring.UnicodeScalarView) -> Bool {
        guard comment.first == "#", let next = comment.dropFirst().first else { return false }
        return next.properties.isAlphabetic || next.properties.numericType != nil
    }
}
