import Analytics

/// A drawing that is a file by itself, in SVG.
///
/// How each mark looks stands in its own attributes, and not in a style sheet: every tool that shows SVG, or makes pixels of it,
/// reads those. Nothing in it refers to anything, so it is the same wherever it is.
///
/// Source: Scalable Vector Graphics (SVG) 1.1, second edition.
struct Drawing {
    enum Anchor: String {
        case start, middle, end
    }

    let width: Double
    private var marks: [String] = []

    init(width: Double) {
        self.width = width
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String) {
        marks.append(
            "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" fill=\"\(fill)\"/>")
    }

    mutating func line(
        from start: (x: Double, y: Double), to end: (x: Double, y: Double), stroke: String, width: Double = 1,
        isDashed: Bool = false
    ) {
        let dashes = isDashed ? " stroke-dasharray=\"3 3\"" : ""
        marks.append(
            "<line x1=\"\(n(start.x))\" y1=\"\(n(start.y))\" x2=\"\(n(end.x))\" y2=\"\(n(end.y))\" stroke=\"\(stroke)\" "
                + "stroke-width=\"\(n(width))\"\(dashes)/>")
    }

    mutating func dot(at place: (x: Double, y: Double), radius: Double, fill: String) {
        marks.append("<circle cx=\"\(n(place.x))\" cy=\"\(n(place.y))\" r=\"\(n(radius))\" fill=\"\(fill)\"/>")
    }

    mutating func triangle(_ corners: [(x: Double, y: Double)], fill: String) {
        let points = corners.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
        marks.append("<polygon points=\"\(points)\" fill=\"\(fill)\"/>")
    }

    /// Puts another one's marks over its own.
    mutating func append(_ other: Drawing) {
        marks += other.marks
    }

    /// - Parameters:
    ///   - y: where the letters stand.
    ///   - whole: what is told to whoever points at it; nil where all of it is there.
    mutating func text(
        _ text: String, x: Double, y: Double, _ lettering: Lettering, fill: String, anchor: Anchor = .start,
        whole: String? = nil
    ) {
        guard !text.isEmpty else { return }
        let weight = lettering.isBold ? " font-weight=\"bold\"" : ""
        let place = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
        let shown =
            "<text x=\"\(n(x))\" y=\"\(n(y))\" font-size=\"\(n(lettering.size))\"\(weight)\(place) fill=\"\(fill)\">"
            + "\(Self.escape(Isolation.asNeeded(text)))</text>"
        // Around the text and not in it, where a simple tool might take it for a part.
        marks.append(whole.map { "<g><title>\(Self.escape(Isolation.asNeeded($0)))</title>\(shown)</g>" } ?? shown)
    }

    /// The file.
    ///
    /// - Parameter title: what it shows, for whoever does not see it.
    func svg(height: Double, title: String, background: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="\(n(width))" height="\(n(height))" viewBox="0 0 \(n(width)) \(n(height))" \
        role="img" font-family="sans-serif">
        <title>\(Self.escape(Isolation.asNeeded(title)))</title>
        <rect x="0" y="0" width="\(n(width))" height="\(n(height))" fill="\(background)"/>
        \(marks.joined(separator: "\n"))
        </svg>

        """
    }

    private func n(_ number: Double) -> String { number.withDecimals(upTo: 2) }

    private static func escape(_ text: String) -> String { Markup.escape(text.drawable) }
}

extension String {
    /// The most marks above and below a letter that are kept: a heap of them would reach into other lines.
    private static let marksMax = 2

    /// The text as a drawing may have it: in one line, without what XML cannot hold (XML 1.0, section 2.2), what is not shown, what
    /// turns the text around it, and heaps of marks.
    var drawable: String {
        var drawable = String.UnicodeScalarView()
        var marks = 0
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: marks += 1
            // Nothing of it is seen, so the heap goes on over it.
            case .format: break
            default: marks = 0
            }
            guard marks <= Self.marksMax, let shown = Self.drawable(scalar) else { continue }
            drawable.append(shown)
        }
        return String(drawable)
    }

    /// Nil for what is left out.
    private static func drawable(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "\t", "\n", "\r", "\u{85}": return " "
        // What joins signs to one, what a name stands between, and what tells a sign without a direction which it has.
        case "\u{200C}", "\u{200D}", "\u{200E}", "\u{200F}", "\u{2068}", "\u{2069}": return scalar
        default:
            switch scalar.properties.generalCategory {
            case .control: return "\u{FFFD}"
            case .unassigned where scalar.properties.isNoncharacterCodePoint: return "\u{FFFD}"
            case .lineSeparator, .paragraphSeparator: return " "
            case .format: return nil
            default: return scalar
            }
        }
    }
}
