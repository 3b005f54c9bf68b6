import Analytics
import Storage

extension RulePage {
    /// How a group came to where it is: the difference by day, then its visitors and their rates.
    struct Course {
        /// Where there are several.
        let groupName: String?
        /// From when on nothing was compared; nil where all was.
        let mismatch: String?
        let bands: [Band]
        let lines: [LineChart]
        /// The numbers of both: the outcomes' names, then a row for each day.
        let columns: [String]
        let rows: [DayRow]
        let legend: [Legend]
        /// Why there is no band.
        let untold: String?
        /// How long it may still take.
        let outlook: [String]
    }

    /// The always-valid interval of an outcome's difference to the baseline, as it was in the end of each day.
    struct Band {
        let caption: String
        let hue: String
        /// As SVG's `polygon` and `polyline` want them, in a drawing of 1000 by 100.
        let area: String
        let middle: String
        let ticks: [Tick]
        let zero: String
        /// The day since which a difference is shown; nil where none is.
        let since: Mark?
        /// nil where it is the last one.
        let first: String?
        let last: String
        /// Some of the days, and the marked one, as a table.
        let rows: [BandRow]
    }

    struct Mark {
        let x: String
        let label: String
        let anchor: String
        /// Whether its label stands in front of it.
        let isEnd: Bool
    }

    struct BandRow {
        let day: String
        let difference: String
        let interval: String
        let verdict: String
    }

    /// One line for each outcome, over the days of first exposure.
    struct LineChart {
        let caption: String
        let ticks: [Tick]
        let lines: [Line]
        /// The day by whose end visitors were not split as declared; nil where they were.
        let mark: Mark?
        /// nil where it is the last one.
        let first: String?
        let last: String
    }

    struct Line {
        let hue: String
        let title: String
        let pieces: [Piece]
    }

    /// What is between two days without a value, or from where on it may still grow.
    struct Piece {
        let points: String
        let isYoung: Bool
    }

    struct DayRow {
        let day: String
        /// Converted of those who came, for each outcome.
        let cells: [String]
    }

    struct Legend {
        let hue: String
        let name: String
    }
}

/// The colour of each outcome, the same wherever it is drawn.
struct OutcomeHues {
    /// As many as can be told apart, whatever one's eyes. All others share grey.
    private static let countMax = 8

    private let names: [DimensionName: String]

    /// Where nothing is drawn.
    static let none = OutcomeHues([])

    /// The outcomes of groups come first, in the order of the declaration.
    init(_ report: OutcomesReport) {
        self.init(report.groups.flatMap { $0.arms.map(\.outcomeId) } + report.outcomes.compactMap(\.outcomeId))
    }

    private init(_ ids: [String]) {
        var seen: [DimensionName] = []
        for id in ids.map({ DimensionName($0) }) where !seen.contains(id) && seen.count < Self.countMax {
            seen.append(id)
        }
        names = Dictionary(seen.enumerated().map { ($1, "hue-\($0 + 1)") }) { first, _ in first }
    }

    /// A class of the style sheet.
    subscript(_ outcomeID: String?) -> String {
        outcomeID.flatMap { names[DimensionName($0)] } ?? "hue-none"
    }
}

extension RulePage.Course {
    /// No more days than can be told apart.
    private static let daysMax = 180

    init(_ course: GroupCourse, hues: OutcomeHues, isOnly: Bool) {
        let days = Array(course.days.suffix(Self.daysMax))
        groupName = isOnly ? nil : course.name
        mismatch = course.mismatchedSince.map {
            "By the end of \(Moment.day($0)) visitors were not split as declared; from then on nothing is compared."
        }
        let compared = course.outcomes.indices.filter { !course.outcomes[$0].outcomeId.hasBytes(of: course.baseline) }
        let baseline = course.outcomes.first { $0.outcomeId.hasBytes(of: course.baseline) }
        bands = compared.compactMap { index in
            RulePage.Band(
                course.outcomes[index], at: index, beside: baseline?.label ?? course.baseline, days,
                hue: hues[course.outcomes[index].outcomeId])
        }
        let without = compared.filter { index in days.last?.arms[index].differenceAlwaysValid == nil }
        untold =
            without.isEmpty || mismatch != nil
            ? nil
            : "No interval of the difference yet for \(without.map { "“\(course.outcomes[$0].label)”" }.joined(separator: ", ")): it and "
                + "the baseline need \(GroupCourse.conversionsNeeded) conversions each, of visitors who have had their full "
                + "\(course.windowDays) days."
        columns = course.outcomes.map(\.label)
        rows = days.reversed().map { day in
            RulePage.DayRow(
                day: Moment.day(day.day) + (!day.isOver ? " (so far)" : day.isMature ? "" : " (too recent)"),
                cells: day.arms.map { "\($0.exposedConverted.grouped) of \($0.exposed.grouped)" })
        }
        outlook = course.outlook.map { $0.sentences(in: course) } ?? []
        let part = days.count < course.days.count ? ", the last \(days.count)" : ""
        // Today is not over, and would look like a fall.
        let full = days.count > 1 && days.last?.isOver == false ? days.dropLast() : days
        lines =
            days.isEmpty
            ? []
            : [
                RulePage.LineChart(
                    "Visitors by the day on which they first saw an outcome\(part)", course, full, hues: hues,
                    isYoung: { _ in false },
                    axis: { CountAxis(highest: $0) }, value: { Double($0.exposed) }),
                RulePage.LineChart(
                    "Rate of \(course.conversion) by that day\(part) (pale: visitors still have time to convert)",
                    course,
                    full, hues: hues,
                    isYoung: { !$0.isMature }, axis: { RateAxis(highest: $0) },
                    value: { $0.exposed > 0 ? Double($0.exposedConverted) / Double($0.exposed) : nil }),
            ]
        legend = course.outcomes.map { RulePage.Legend(hue: hues[$0.outcomeId], name: $0.label) }
    }
}

extension GroupCourse.Outlook {
    /// What a reader makes plans by.
    fileprivate func sentences(in course: GroupCourse) -> [String] {
        let name = course.outcomes.first { $0.outcomeId.hasBytes(of: outcomeId) }?.label ?? outcomeId
        let seen = asSeen.map {
            "If the difference seen so far, \($0.difference.points), is the true one, and it often turns out smaller, it would show "
                + "\($0.text)."
        }
        return [
            "At \(visitorsDaily.grouped) visitor\(visitorsDaily == 1 ? "" : "s") a day, a true difference of "
                + "\(ofTau.difference.points) points of “\(name)” would show \(ofTau.text).", seen,
        ].compactMap(\.self)
    }
}

extension GroupCourse.Wait {
    fileprivate var text: String {
        let most = "more than \(PlanReport.daysMax.grouped)"
        guard let half else { return "after \(most) more days" }
        return
            "after about \(half.grouped) more \(half == 1 ? "day" : "days") (half of the time; within \(fourInFive?.grouped ?? most) in four of five cases)"
    }
}

extension GroupCourse.Outcome {
    /// Kept to itself, so that one written from right to left turns nothing around it.
    fileprivate var label: String { (outcomeName ?? outcomeId).isolated }
}

extension RulePage.Band {
    /// Of every so many days one stands in the table.
    private static let tableStep = 7
    /// Intervals of more than so many times the width of the last run out of the drawing.
    private static let widthsMax = 2.5

    /// Nil where the last day has no interval: where a group is broken, those of before are worth nothing.
    fileprivate init?(
        _ outcome: GroupCourse.Outcome, at index: Int, beside baseline: String, _ days: [GroupCourse.Day], hue: String
    ) {
        let told = days.drop { $0.arms[index].differenceAlwaysValid == nil }
        guard let first = told.first, let last = told.last,
            let now = last.arms[index].differenceAlwaysValid
        else { return nil }
        // The first intervals are far wider than all that follow, and would leave nothing of them to see.
        let later = told.compactMap { $0.arms[index].differenceAlwaysValid }
            .filter { $0.high - $0.low < Self.widthsMax * (now.high - now.low) }
        let axis = DifferenceAxis(later)
        let places = DayPlaces(count: told.count)
        let bounds = told.enumerated().compactMap { place, day in
            day.arms[index].differenceAlwaysValid.map { (x: places[place], bounds: $0) }
        }
        let upper = bounds.map { Coordinate.point($0.x, axis.place($0.bounds.high)) }
        let lower = bounds.reversed().map { Coordinate.point($0.x, axis.place($0.bounds.low)) }
        area = (upper + lower).joined(separator: " ")
        middle =
            told.enumerated().compactMap { place, day in
                day.arms[index].difference.map { Coordinate.point(places[place], axis.place($0)) }
            }.line
        ticks = axis.ticks
        zero = Coordinate.percent(100 - axis.place(0) * 100)
        let word = last.arms[index].verdict.rawValue
        let isShown = outcome.shownSince != nil
        since = outcome.shownSince.flatMap { since in
            told.enumerated().first { $0.element.day == since }.map { place, _ in
                RulePage.Mark(at: places[place], label: "since \(Moment.shortDay(since))")
            }
        }
        self.hue = hue
        caption =
            "“\(outcome.label)” less “\(baseline)”, in points: "
            + (isShown ? "\(word) since \(Moment.day(outcome.shownSince ?? ""))" : word)
        self.first = told.count > 1 ? Moment.day(first.day) : nil
        self.last = Moment.day(last.day)
        rows = told.enumerated().filter { place, day in
            (told.count - 1 - place).isMultiple(of: Self.tableStep) || day.day == outcome.shownSince
        }.map { RulePage.BandRow($0.element, $0.element.arms[index]) }
    }
}

extension RulePage.Mark {
    /// - Parameter place: from 0 to 1.
    fileprivate init(at place: Double, label: String) {
        let isEnd = place > 0.6
        self.init(x: Coordinate.percent(place * 100), label: label, anchor: isEnd ? "end" : "start", isEnd: isEnd)
    }
}

extension RulePage.BandRow {
    fileprivate init(_ day: GroupCourse.Day, _ arm: GroupCourse.ArmDay) {
        self.day = Moment.day(day.day)
        difference = arm.difference?.points ?? "–"
        interval = arm.differenceAlwaysValid?.points ?? "–"
        verdict = arm.verdict.rawValue
    }
}

extension GroupCourse.Day {
    /// Whether it had ended when it was told of.
    fileprivate var isOver: Bool { end.text.hasSuffix("T00:00:00.000Z") }
}

/// What a line's values stand on, from 0 at the bottom to 1.
private protocol ValueAxis {
    var ticks: [Tick] { get }
    func place(_ value: Double) -> Double
}

extension RateAxis: ValueAxis {}

extension CountAxis: ValueAxis {}

extension RulePage.LineChart {
    /// - Parameters:
    ///   - isYoung: whether a day's value may still grow.
    ///   - value: nil where a day has none.
    fileprivate init(
        _ caption: String, _ course: GroupCourse, _ days: [GroupCourse.Day], hues: OutcomeHues,
        isYoung: (GroupCourse.Day) -> Bool, axis: (Double) -> any ValueAxis, value: (GroupCourse.ArmDay) -> Double?
    ) {
        self.caption = caption
        let axis = axis(days.flatMap(\.arms).compactMap(value).max() ?? 0)
        // The drawing's lower edge is 0.
        ticks = Array(axis.ticks.drop { $0.y == Coordinate.percent(100) })
        let places = DayPlaces(count: days.count)
        lines = course.outcomes.indices.map { index in
            var pieces: [(points: [String], isYoung: Bool)] = []
            var isOpen = false
            for (place, day) in days.enumerated() {
                guard let value = value(day.arms[index]) else {
                    isOpen = false
                    continue
                }
                let point = Coordinate.point(places[place], axis.place(value))
                if isOpen, pieces[pieces.count - 1].isYoung == isYoung(day) {
                    pieces[pieces.count - 1].points.append(point)
                } else {
                    // A line that only changes its look goes on where it was.
                    let before = isOpen ? pieces[pieces.count - 1].points.suffix(1) : []
                    pieces.append((before + [point], isYoung(day)))
                }
                isOpen = true
            }
            return RulePage.Line(
                hue: hues[course.outcomes[index].outcomeId], title: course.outcomes[index].label,
                pieces: pieces.map { RulePage.Piece(points: $0.points.line, isYoung: $0.isYoung) })
        }
        mark = course.mismatchedSince.flatMap { since in
            days.firstIndex { $0.day == since }.map {
                RulePage.Mark(at: places[$0], label: "wrong split since \(Moment.shortDay(since))")
            }
        }
        first = days.count > 1 ? Moment.day(days.first?.day ?? "") : nil
        last = Moment.day(days.last?.day ?? "")
    }
}

extension [String] {
    /// As SVG has them. A line of one point is drawn, as a dot, if it goes there once more.
    fileprivate var line: String {
        (count == 1 ? self + self : self).joined(separator: " ")
    }
}

/// Where days stand beside each other, from 0 to 1.
private struct DayPlaces {
    let count: Int

    subscript(_ index: Int) -> Double {
        count > 1 ? Double(index) / Double(count - 1) : 0.5
    }
}

extension Moment {
    /// `15 November 2026`, of a day as a report has it.
    static func day(_ text: String) -> String {
        Moment("\(text)T00:00:00Z", in: .utc)?.day ?? text
    }

    /// `15 Nov`.
    static func shortDay(_ text: String) -> String {
        let parts = day(text).split(separator: " ")
        return parts.count == 3 ? "\(parts[0]) \(parts[1].prefix(3))" : text
    }
}
