import Analytics
import FoundationEssentials

/// A group's result as one drawing, to be put where no page can be: on slides, in a document, on paper.
///
/// It says what the box on top of a rule's page says, in the same words, numbers and colours, and needs that page for nothing. How
/// long its texts come out depends on fonts that nobody knows, so each has room for the widest.
struct ResultPicture {
    /// The file.
    let svg: String

    /// - Parameters:
    ///   - report: what the group is of.
    ///   - asOf: when that was so, in words.
    ///   - now: the time of day.
    init(_ group: GroupReport, of report: OutcomesReport, asOf: String, now: Date) {
        let headline = RulePage.Headline(group, hues: OutcomeHues(report), now: now)
        var layout = PictureLayout()
        layout.head(group, of: report)
        let details = Self.details(of: headline, group)
        layout.verdict(headline, details: details)
        if headline.rows.isEmpty {
            layout.counts(of: group, hues: OutcomeHues(report))
        } else {
            layout.table(headline, tellsWhy: details.count < headline.details.count)
            layout.note(Self.explanation(of: headline, group))
            layout.guardrails(headline.guardrails)
        }
        for warning in headline.warnings { layout.warning(warning) }
        layout.foot("\(asOf). Site \(report.site.isolated), rule version \(report.ruleId.isolated).")
        svg = layout.svg(title: "\(report.ruleName ?? report.ruleId): \(headline.text)")
    }

    /// With more outcomes than these, the table says what is to be said of each.
    private static let toldMax = 3

    /// Of many outcomes only what is said of the leading one, and of all together.
    private static func details(of headline: RulePage.Headline, _ group: GroupReport) -> [String] {
        let compared = group.arms.filter { $0.verdict.word != .baseline }
        guard compared.count > toldMax, !headline.rows.isEmpty else { return headline.details }
        let sentence = { (arm: GroupReport.Arm) in arm.sentence(beside: group.baselineLabel) }
        let others = Set(compared.map(sentence)).subtracting([group.leader.map(sentence)].compactMap(\.self))
        return headline.details.filter { !others.contains($0) }
    }

    private static func explanation(of headline: RulePage.Headline, _ group: GroupReport) -> String {
        let (mature, maturing) = group.arms.reduce((0, 0)) { ($0.0 + $1.mature, $0.1 + $1.maturing) }
        let counted =
            "Compared are \(mature.grouped) visitors who have had their full \(group.windowDays) days; \(maturing.grouped) "
            + "are too recent."
        return headline.hasDifferences
            ? counted
                + " A difference is in percentage points; the dot and its line are the difference and the range that the "
                + "verdict goes by. The lift is the same in proportion to the baseline’s rate." : counted
    }
}

/// Where everything stands on a picture, from the top on.
struct PictureLayout {
    static let width = 1280.0
    static let margin = 40.0
    static let room = width - 2 * margin

    var drawing = Drawing(width: width)
    /// Down to where something is drawn.
    var y = margin

    /// Puts a text in lines below what there is. Names in it that are long are shortened.
    ///
    /// - Parameters:
    ///   - lettering: of all of it.
    ///   - inset: from the picture's margin.
    mutating func paragraph(
        _ text: String, _ lettering: Lettering, fill: String, inset: Double = 0, linesMax: Int = 4
    ) {
        let whole = text.drawable
        let named = Isolation.changingNames(of: whole) { lettering.shortened($0, to: Self.room * 0.4) }
        let (lines, isShortened) = lettering.lines(named, room: Self.room - 2 * inset, linesMax: linesMax)
        for line in lines {
            y += lettering.lineHeight
            drawing.text(
                line, x: Self.margin + inset, y: y - lettering.lineHeight * 0.25, lettering, fill: fill,
                whole: isShortened || named != whole ? whole : nil)
        }
    }

    mutating func gap(_ height: Double) { y += height }

    func svg(title: String) -> String {
        drawing.svg(height: (y + Self.margin).rounded(.up), title: title, background: Paint.paper)
    }
}

extension PictureLayout {
    fileprivate mutating func head(_ group: GroupReport, of report: OutcomesReport) {
        paragraph(report.ruleName ?? report.ruleId, .title, fill: Paint.ink, linesMax: 2)
        gap(4)
        let since = Moment(group.start.text, in: .utc)?.day ?? ""
        let days = "\(group.windowDays) day\(group.windowDays == 1 ? "" : "s")"
        paragraph(
            "Group \(group.name.isolated): \(group.conversion.isolated) within \(days), of visitors since \(since)",
            .body,
            fill: Paint.quiet, linesMax: 2)
        if let decision = report.decision {
            paragraph(DecisionText.of(decision, day: report.decided), .strong, fill: Paint.ink, linesMax: 3)
        }
        gap(14)
    }

    /// A box as on the page, as high as what is in it.
    fileprivate mutating func verdict(_ headline: RulePage.Headline, details: [String]) {
        let top = y
        let (edge, paper) = Paint.box(of: headline.tone)
        var inside = PictureLayout()
        inside.y = top + 10
        inside.paragraph(headline.text, .verdict, fill: Paint.ink, inset: 24)
        inside.gap(4)
        for detail in details { inside.paragraph(detail, .body, fill: Paint.ink, inset: 24) }
        y = inside.y + 14
        drawing.rectangle(x: Self.margin, y: top, width: Self.room, height: y - top, fill: paper)
        drawing.rectangle(x: Self.margin, y: top, width: 8, height: y - top, fill: edge)
        drawing.append(inside.drawing)
        gap(16)
    }

    fileprivate mutating func note(_ text: String) {
        gap(6)
        paragraph(text, .small, fill: Paint.quiet)
    }

    fileprivate mutating func warning(_ text: String) {
        gap(10)
        paragraph("Warning. \(text)", .body, fill: Paint.box(of: "open").edge)
    }

    fileprivate mutating func foot(_ text: String) {
        gap(18)
        drawing.line(from: (Self.margin, y), to: (Self.margin + Self.room, y), stroke: Paint.line)
        gap(6)
        paragraph(text, .small, fill: Paint.quiet, linesMax: 3)
    }
}

extension Lettering {
    static let title = Lettering(size: 28, isBold: true)
    static let verdict = Lettering(size: 23, isBold: true)
    static let heading = Lettering(size: 17, isBold: true)
    static let strong = Lettering(size: 15, isBold: true)
    static let body = Lettering(size: 15)
    static let small = Lettering(size: 12)
}

/// The style sheet's colours for light surroundings.
enum Paint {
    static let (paper, ink, quiet, line) = (color("paper"), color("ink"), color("quiet"), color("line"))
    static let bad = color("bad")

    /// Of an outcome, by its class in the style sheet.
    static func outcome(_ hue: String) -> String {
        hue == "hue-none" ? quiet : color(hue)
    }

    /// Of a verdict's edge and its ground, by its tone.
    static func box(of tone: String) -> (edge: String, paper: String) {
        switch tone {
        case "ahead": (color("good"), color("good-paper"))
        case "alarm", "behind": (bad, color("bad-paper"))
        case "open": (color("open"), color("open-paper"))
        default: (line, color("none-paper"))
        }
    }

    /// Of a verdict in one word.
    static func word(_ tone: String) -> String {
        tone == "none" ? quiet : box(of: tone).edge
    }

    private static func color(_ name: String) -> String { StyleSheet.lightColors[name] ?? "#000000" }
}
