/// A size and weight of letters, and how much room a text takes in them, on a machine whose fonts nobody knows.
///
/// Every width is an upper bound. It goes by the widest letters among common fonts without serifs, DejaVu Sans and Verdana, and
/// counts one scalar at a time, so that signs which a font cannot put together have their room, too.
struct Lettering {
    /// In the drawing's units.
    let size: Double
    var isBold = false

    /// From the foot of a line to that of the next.
    var lineHeight: Double { (size * 1.4).rounded() }

    /// How wide a text may be.
    func width(_ text: String) -> Double {
        let sum = text.unicodeScalars.reduce(0) { $0 + LetterWidths.width($1) }
        return sum * size * (isBold ? LetterWidths.boldFactor : 1)
    }

    /// As much of the text as has room, with an ellipsis where that is not all.
    func shortened(_ text: String, to room: Double) -> String {
        guard width(text) > room else { return text }
        var rest = room - width("…")
        let start = text.prefix { character in
            rest -= width(String(character))
            return rest >= 0
        }
        return start.trimmed + "…"
    }

    /// The text in lines that have room, broken between words, and within a word that has no room by itself.
    ///
    /// - Parameter linesMax: what is left over after so many makes the last one end in an ellipsis.
    /// - Returns: also whether that is so.
    func lines(_ text: String, room: Double, linesMax: Int) -> (lines: [String], isShortened: Bool) {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ").flatMap({ pieces(of: String($0), room: room) }) {
            let longer = line.isEmpty ? word : "\(line) \(word)"
            if width(longer) <= room {
                line = longer
            } else {
                lines.append(line)
                line = word
            }
        }
        lines.append(line)
        guard lines.count > linesMax else { return (Isolation.carried(over: lines), false) }
        // Two lines never have room in one.
        let last = shortened("\(lines[linesMax - 1]) \(lines[linesMax])", to: room)
        return (Isolation.carried(over: lines.prefix(linesMax - 1) + [last]), true)
    }

    /// A word in parts of which each has room. What has none by itself is replaced.
    private func pieces(of word: String, room: Double) -> [String] {
        guard width(word) > room else { return [word] }
        var pieces = [""]
        var rest = room
        for character in word {
            let sign = width(String(character)) > room ? "\u{FFFD}" : String(character)
            let needed = width(sign)
            if needed > rest {
                pieces.append("")
                rest = room
            }
            rest -= needed
            pieces[pieces.count - 1] += sign
        }
        return pieces
    }
}

/// How wide letters may be, in their size.
private enum LetterWidths {
    /// Between bold and other letters, at most.
    static let boldFactor = 1.2

    static func width(_ scalar: Unicode.Scalar) -> Double {
        if let width = ascii[scalar] { return width }
        if isWithoutWidth(scalar) { return 0 }
        return others.first { $0.range.contains(scalar) }?.width ?? 1.65
    }

    /// What stands above or below a letter, joins signs or directs them. Marks of other scripts may take room.
    private static func isWithoutWidth(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format: true
        case .nonspacingMark, .enclosingMark:
            scalar.value < 0x0700 || (0x20D0..<0x2100).contains(scalar.value)
                || (0xFE00..<0xFE30).contains(scalar.value)
        default: false
        }
    }

    private static let ascii: [Unicode.Scalar: Double] = {
        let classes: [(Double, String)] = [
            (0.31, "il'"), (0.37, " ,.fj"), (0.46, "IJ/:;\\|-()[]t!r\""), (0.56, "szcL?"),
            (0.64, "0123456789FkvxyPTYaoeEbdghnpqu${}_*`"), (0.7, "SKAVBRXZC"), (0.84, "UHNDG&OQw#+<=>^~"), (0.87, "M"),
            (1, "mW@"), (1.08, "%"),
        ]
        return Dictionary(classes.flatMap { width, letters in letters.unicodeScalars.map { ($0, width) } }) { $1 }
    }()

    /// The first that has a scalar counts.
    private static let others: [(range: ClosedRange<Unicode.Scalar>, width: Double)] = [
        ("\u{A0}"..."\u{A0}", 0.37), ("\u{C0}"..."\u{DE}", 1), ("\u{E6}"..."\u{E6}", 1), ("\u{DF}"..."\u{FF}", 0.66),
        ("\u{1C4}"..."\u{1F3}", 1.45), ("\u{A1}"..."\u{3FF}", 1.02), ("\u{400}"..."\u{52F}", 1.25),
        ("\u{530}"..."\u{5FF}", 1), ("\u{600}"..."\u{6FF}", 1.3), ("\u{B80}"..."\u{BFF}", 2.5),
        ("\u{1E00}"..."\u{1FFF}", 1.12), ("\u{2000}"..."\u{200A}", 1), ("\u{2018}"..."\u{201F}", 0.6),
        ("\u{202F}"..."\u{202F}", 0.37), ("\u{2010}"..."\u{2029}", 1.02), ("\u{2212}"..."\u{2212}", 0.84),
        ("\u{2E3A}"..."\u{2E3B}", 3.2), ("\u{2E80}"..."\u{9FFF}", 1.05), ("\u{AC00}"..."\u{D7AF}", 1.05),
        ("\u{F900}"..."\u{FAFF}", 1.05), ("\u{FDF0}"..."\u{FDFF}", 14), ("\u{FF00}"..."\u{FFEF}", 1.05),
        ("\u{FFFD}"..."\u{FFFD}", 1.1), ("\u{12000}"..."\u{1254F}", 14), ("\u{20000}"..."\u{3FFFF}", 1.05),
    ]
}

/// Names that keep the direction of their writing to themselves, in a text that is drawn line by line.
enum Isolation {
    private static let (begin, end): (Unicode.Scalar, Unicode.Scalar) = ("\u{2068}", "\u{2069}")

    /// The lines, where a name that goes on in the next line ends in its own and begins again there.
    static func carried(over lines: some Sequence<String>) -> [String] {
        var isOpen = false
        return lines.map { line in
            let begins = isOpen ? String(begin) : ""
            for scalar in line.unicodeScalars where scalar == begin || scalar == end { isOpen = scalar == begin }
            return begins + line + (isOpen ? String(end) : "")
        }
    }

    /// The text with each of its names changed; they keep their marks.
    static func changingNames(of text: String, _ change: (String) -> String) -> String {
        let parts = text.unicodeScalars.split(separator: begin, omittingEmptySubsequences: false)
        return String(parts[0])
            + parts.dropFirst().map { part in
                guard let place = part.firstIndex(of: end) else { return String(part) }
                return "\(begin)\(change(String(part[..<place])))\(String(part[place...]))"
            }.joined()
    }

    /// The text without marks where all of it is written from left to right: not every tool knows to show nothing for them.
    static func asNeeded(_ text: String) -> String {
        guard !text.unicodeScalars.contains(where: isFromRight) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != begin && $0 != end }))
    }

    private static func isFromRight(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0x200F, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}

extension StringProtocol {
    /// Without the spaces at its end.
    fileprivate var trimmed: String {
        var text = String(self)
        while text.last == " " { text.removeLast() }
        return text
    }
}
