import Analytics
import Storage

/// Counts over time as bars. Places and sizes are percentages of whatever room the page has.
struct BarChart {
    struct Bar {
        let x: String
        let y: String
        let width: String
        let height: String
        /// What the bar stands for: `25 Nov: 1 234`.
        let title: String
        /// Whether it may still grow.
        let isYoung: Bool
    }

    /// A bar is never wider than one of so many: a single one would fill the drawing.
    static let slotsMin = 12

    let bars: [Bar]
    /// At round counts.
    let lines: [Tick]

    /// - Parameter values: one for each bar, with what is said of it.
    init(_ values: [(count: Int, title: String, isYoung: Bool)]) {
        let axis = CountAxis(highest: Double(values.map(\.count).max() ?? 0))
        let slot = 100 / Double(max(values.count, Self.slotsMin))
        // Few bars stand in the middle.
        let start = (100 - slot * Double(values.count)) / 2
        bars = values.enumerated().map { index, value in
            let height = axis.place(Double(value.count)) * 100
            return Bar(
                x: Coordinate.percent(start + (Double(index) + 0.1) * slot), y: Coordinate.percent(100 - height),
                width: Coordinate.percent(slot * 0.8), height: Coordinate.percent(height), title: value.title,
                isYoung: value.isYoung)
        }
        lines = axis.ticks
    }
}

extension RulePage {
    struct Chart {
        let caption: String
        let bars: [BarChart.Bar]
        let lines: [Tick]
        /// nil where `last` tells of all bars.
        let first: String?
        let last: String
        /// The same as a table; empty where another chart has it.
        let rows: [ChartRow]

        init(caption: String, chart: BarChart, first: String?, last: String, rows: [ChartRow]) {
            self.caption = caption
            bars = chart.bars
            lines = chart.lines
            self.first = first
            self.last = last
            self.rows = rows
        }
    }

    struct ChartRow {
        let day: String
        let exposed: String
        let converted: String
    }

    /// No more bars than can be told apart on a page.
    private static let barsMax = 120

    static func charts(
        _ series: SeriesReport, _ report: OutcomesReport, conversion: String?, zone: Zone
    ) -> [Chart] {
        let buckets = series.trimmed.suffix(barsMax)
        guard let first = buckets.first, let last = buckets.last else { return [] }
        let label = { (text: String) in
            Moment(text, in: zone).map { series.bucket == .day ? $0.day : $0.text } ?? text
        }
        let days = max(report.groups.map(\.windowDays).max() ?? 0, report.windowDays)
        let hasExposures = report.outcomes.contains { $0.exposures > 0 }
        let asOf = Moment(report.asOf.text, in: zone)
        let rows = buckets.map { bucket in
            let isOver = !Self.isYoung(bucket.end, windowDays: 0, asOf: asOf, zone: zone)
            return (
                label: label(bucket.start) + (isOver ? "" : " (so far)"), isOver: isOver,
                isYoung: !isOver
                    || series.basis == .cohort && hasExposures
                        && Self.isYoung(bucket.end, windowDays: days, asOf: asOf, zone: zone),
                exposed: bucket.outcomes.reduce(0) { $0 + $1.exposed },
                converted: bucket.outcomes.reduce(0) { $0 + $1.converted(conversion) }
            )
        }
        let isCut = buckets.count < series.trimmed.count
        let part = isCut ? ", the last \(buckets.count)" : ""
        let unit = series.bucket == .day ? "day" : "hour"
        let names =
            series.basis == .cohort
            ? (
                "Visitors who first saw an outcome, by \(unit)\(part)",
                hasExposures
                    ? "How many of them converted (pale: they still have time to)"
                    : "Visitors who converted for the first time, by \(unit)"
            ) : ("Visitors who saw an outcome, by \(unit)\(part)", "Visitors who converted, by \(unit)\(part)")
        let table = rows.map {
            ChartRow(day: $0.label, exposed: $0.exposed.grouped, converted: $0.converted.grouped)
        }
        // A few stand in the middle, and so does what tells of them.
        let (start, end) = (label(first.start), label(last.start))
        let ends =
            buckets.count >= BarChart.slotsMin
            ? (start, end) : (nil, buckets.count > 1 ? "\(start) to \(end)" : end)
        return [
            Chart(
                caption: names.0 + (rows.allSatisfy(\.isOver) ? "" : " (pale: not over yet)"),
                chart: BarChart(rows.map { ($0.exposed, "\($0.label): \($0.exposed.grouped)", !$0.isOver) }),
                first: ends.0, last: ends.1, rows: table),
            Chart(
                caption: names.1,
                chart: BarChart(rows.map { ($0.converted, "\($0.label): \($0.converted.grouped)", $0.isYoung) }),
                first: ends.0, last: ends.1, rows: []),
        ]
    }

    /// Whether visitors of before that moment may still have time to convert; with no window, whether it is yet to come.
    private static func isYoung(_ end: String, windowDays: Int, asOf: Moment?, zone: Zone) -> Bool {
        guard let end = Moment(end, in: zone), let asOf else { return false }
        return end.after(days: windowDays).isAfter(asOf)
    }
}

extension SeriesReport {
    /// Without the empty buckets at an end that is open: there, a series looks a little beyond the events.
    fileprivate var trimmed: ArraySlice<Bucket> {
        var all = buckets[...]
        if from == nil { all = all.drop { $0.outcomes.isEmpty } }
        while to == nil, all.last?.outcomes.isEmpty == true { all.removeLast() }
        return all
    }
}

extension SeriesReport.Outcome {
    /// Where the rule version has no exposures, whoever did it first counts.
    fileprivate func converted(_ name: String?) -> Int {
        let name = name.map { DimensionName($0) }
        guard let conversion = conversions.first(where: { $0.conversion.map { DimensionName($0) } == name })
        else { return 0 }
        return conversion.converted ?? conversion.visitors ?? 0
    }
}

/// Counts over time as one line without an axis.
struct Sparkline {
    static let (width, height) = (120.0, 24.0)

    /// As SVG's `polyline` wants them.
    let points: String

    init(_ counts: [Int]) {
        let highest = Double(max(counts.max() ?? 0, 1))
        let step = Self.width / Double(max(counts.count - 1, 1))
        points = counts.enumerated().map { index, count in
            let y = Self.height - 1 - Double(count) / highest * (Self.height - 2)
            return "\(Coordinate.text(Double(index) * step)),\(Coordinate.text(y))"
        }.joined(separator: " ")
    }
}
