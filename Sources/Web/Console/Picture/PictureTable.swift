import Analytics

/// A cell: what stands in it, and below that what is smaller.
private struct Cell {
    var text: String
    var lettering = Lettering.body
    var fill = Paint.ink
    var small: [String] = []
    var linesMax = 2
}

/// Where a column's texts begin, or end, and what room they have.
private struct Column {
    let x: Double
    let room: Double
    var anchor = Drawing.Anchor.end

    static let swatch = 12.0
    static let name = Column(x: PictureLayout.margin + 22, room: 228, anchor: .start)
    static let rate = Column(x: 405, room: 107)
    /// Of what is drawn.
    static let plot = (x: 428.0, width: 252.0)
    static let difference = Column(x: 815, room: 120)
    static let lift = Column(x: 945, room: 122)
    static let converted = Column(x: 1052, room: 98)
    static let verdict = Column(x: 1076, room: 164, anchor: .start)

    static func plotted(_ place: Double) -> Double { plot.x + place * plot.width }
}

/// The head of a column.
private struct Title {
    let text: String
    let column: Column
    /// For how many looks the ranges hold that stand in it; nil where none do.
    let range: String?

    static let always = "range holds always"

    init(_ text: String, _ column: Column, range: String? = nil) {
        (self.text, self.column, self.range) = (text, column, range)
    }
}

/// A row of a table that has drawn differences.
private struct Row {
    let hue: String
    let cells: [(column: Column, cell: Cell)]
    let effect: DifferencePlaces?
}

extension PictureLayout {
    /// What the verdict goes by.
    ///
    /// - Parameter tellsWhy: whether each outcome's reason, if any, stands below its verdict.
    mutating func table(_ headline: RulePage.Headline, tellsWhy: Bool) {
        var titles = [
            Title("Rate", .rate, range: "range for one look"), Title("Converted", .converted),
            Title("Verdict", .verdict),
        ]
        if headline.hasDifferences {
            titles += [
                Title("Difference", .difference, range: Title.always), Title("Lift", .lift, range: Title.always),
            ]
        } else {
            titles.append(Title("Difference", .difference))
        }
        plot(
            headline.rows.map { Row($0, tellsWhy: tellsWhy) }, titles: titles, ticks: headline.axis,
            zero: headline.zeroPlace, margin: nil)
    }

    mutating func guardrails(_ tables: [RulePage.GuardrailTable]) {
        for table in tables {
            gap(16)
            paragraph(table.title, .heading, fill: Paint.ink, linesMax: 2)
            plot(
                table.arms.map(Row.init),
                titles: [
                    Title("Rate", .rate), Title("Difference", .difference, range: Title.always),
                    Title("Converted", .converted), Title("Verdict", .verdict),
                ],
                ticks: table.ticks, zero: table.zeroPlace, margin: table.marginPlace)
        }
        guard let last = tables.last else { return }
        gap(6)
        paragraph(last.explanation, .small, fill: Paint.quiet)
    }

    /// Who came, where nothing is compared, and who was to come.
    mutating func counts(of group: GroupReport, hues: OutcomeHues) {
        let (exposed, weights) = group.arms.reduce((0, 0)) { ($0.0 + $1.exposed, $0.1 + $1.weight) }
        let share = { (part: Int, whole: Int) in whole > 0 ? (Double(part) / Double(whole)).percent : "–" }
        plot(
            group.arms.map { arm in
                Row(
                    hue: hues[arm.outcomeId],
                    cells: [
                        (.name, Cell(text: arm.label, lettering: .strong)),
                        (.rate, Cell(text: arm.exposed.grouped, lettering: .strong)),
                        (.difference, Cell(text: share(arm.exposed, exposed))),
                        (.lift, Cell(text: share(arm.weight, weights))),
                    ], effect: nil)
            },
            titles: [Title("Visitors", .rate), Title("Share", .difference), Title("As declared", .lift)], ticks: [],
            zero: nil, margin: nil)
    }

    private mutating func plot(
        _ rows: [Row], titles: [Title], ticks: [Tick], zero: Double?, margin: Double?
    ) {
        gap(20)
        if titles.contains(where: { $0.range != nil }) { gap(14) }
        for title in [Title("Outcome", .name)] + titles {
            let (x, anchor) = (title.column.x, title.column.anchor)
            let isAlone = title.range == nil
            drawing.text(
                title.text, x: x, y: isAlone ? y : y - 14, Lettering(size: 12, isBold: true), fill: Paint.quiet,
                anchor: anchor)
            if let range = title.range { drawing.text(range, x: x, y: y, .small, fill: Paint.quiet, anchor: anchor) }
        }
        for tick in ticks {
            drawing.text(
                tick.label, x: Column.plotted(tick.place), y: y, .small, fill: Paint.quiet,
                anchor: Drawing.Anchor(rawValue: tick.anchor) ?? .middle)
        }
        gap(8)
        // What is behind the rows is drawn before them, and knows their height only after them.
        var front = PictureLayout()
        front.y = y
        for row in rows { front.row(row) }
        for tick in ticks {
            let x = Column.plotted(tick.place)
            drawing.line(from: (x, y), to: (x, front.y), stroke: Paint.line)
        }
        for (place, stroke, width) in [(zero, Paint.ink, 1.0), (margin, Paint.bad, 2)] {
            guard let place else { continue }
            let x = Column.plotted(place)
            drawing.line(from: (x, y), to: (x, front.y), stroke: stroke, width: width, isDashed: stroke == Paint.ink)
        }
        drawing.append(front.drawing)
        y = front.y
    }

    /// As high as its highest cell, below a line.
    private mutating func row(_ row: Row) {
        let edge = Self.margin + Self.room
        drawing.line(from: (Self.margin, y), to: (edge, y), stroke: Paint.line)
        let top = y + 8
        let middle = top + Lettering.body.lineHeight * 0.55
        drawing.rectangle(
            x: Self.margin, y: middle - Column.swatch / 2, width: Column.swatch, height: Column.swatch,
            fill: Paint.outcome(row.hue))
        let feet = row.cells.map { column, cell in self.cell(cell, in: column, from: top) }
        if let effect = row.effect { draw(effect, at: middle, fill: Paint.outcome(row.hue)) }
        y = (feet.max() ?? top) + 8
    }

    /// - Returns: how far down it reaches.
    private mutating func cell(_ cell: Cell, in column: Column, from top: Double) -> Double {
        var foot = top
        let texts = [(cell.text, cell.lettering, cell.fill)] + cell.small.map { ($0, Lettering.small, Paint.quiet) }
        for (text, lettering, fill) in texts where !text.isEmpty {
            // A number keeps its sign for percent.
            let whole = text.drawable.replacing(" %", with: "\u{A0}%")
            let (lines, isShortened) = lettering.lines(whole, room: column.room, linesMax: cell.linesMax)
            for line in lines {
                foot += lettering.lineHeight
                drawing.text(
                    line, x: column.x, y: foot - lettering.lineHeight * 0.25, lettering, fill: fill,
                    anchor: column.anchor, whole: isShortened ? whole : nil)
            }
        }
        return foot
    }

    /// A difference and its interval, with an arrow where that runs out of the drawing.
    private mutating func draw(_ effect: DifferencePlaces, at y: Double, fill: String) {
        let (low, high) = (Column.plotted(effect.low), Column.plotted(effect.high))
        drawing.line(from: (low, y), to: (high, y), stroke: fill, width: 2.5)
        for place in effect.ends {
            let x = Column.plotted(place)
            drawing.line(from: (x, y - 7), to: (x, y + 7), stroke: fill, width: 2.5)
        }
        if effect.isBelow { drawing.triangle([(low - 7, y), (low + 2, y - 6), (low + 2, y + 6)], fill: fill) }
        if effect.isAbove { drawing.triangle([(high + 7, y), (high - 2, y - 6), (high - 2, y + 6)], fill: fill) }
        drawing.dot(at: (Column.plotted(effect.difference), y), radius: 5.5, fill: fill)
    }
}

extension Row {
    init(_ row: RulePage.GroupRow, tellsWhy: Bool) {
        hue = row.hue
        effect = row.effect?.places
        cells = [
            (.name, Cell(text: row.name, lettering: .strong, linesMax: 3)),
            (.rate, Cell(text: row.rate, lettering: .strong, small: row.interval.map { [$0] } ?? [])),
            (.difference, .difference(row.difference, row.differenceInterval, isBaseline: row.isBaseline)),
            (.lift, Cell(text: row.lift ?? "", small: [row.liftInterval, row.liftUntold].compactMap(\.self))),
            (.converted, Cell(text: row.converted, small: ["of \(row.mature)"])),
            (.verdict, .verdict(row.verdict, row.tone, reason: tellsWhy ? row.reason : nil)),
        ]
    }

    init(_ arm: RulePage.GuardrailTable.Arm) {
        hue = arm.hue
        effect = arm.effect?.places
        cells = [
            (.name, Cell(text: arm.name, lettering: .strong, linesMax: 3)),
            (.rate, Cell(text: arm.rate, lettering: .strong)),
            (.difference, .difference(arm.difference, arm.differenceInterval, isBaseline: arm.isBaseline)),
            (.converted, Cell(text: arm.converted)),
            (.verdict, .verdict(arm.verdict, arm.tone, reason: arm.reason)),
        ]
    }
}

extension Cell {
    static func difference(_ difference: String?, _ interval: String?, isBaseline: Bool) -> Cell {
        isBaseline
            ? Cell(text: "baseline", fill: Paint.quiet)
            : Cell(text: difference ?? "–", small: interval.map { [$0] } ?? [])
    }

    static func verdict(_ word: String, _ tone: String, reason: String? = nil) -> Cell {
        Cell(
            text: word, lettering: tone == "none" ? .body : .strong, fill: Paint.word(tone),
            small: reason.map { [$0] } ?? [],
            linesMax: 4)
    }
}
