import Analytics
import Glibc
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

    struct Line {
        let y: String
        let label: String
    }

    let bars: [Bar]
    /// At round counts.
    let lines: [Line]

    /// - Parameter values: one for each bar, with what is said of it.
    init(_ values: [(count: Int, title: String, isYoung: Bool)]) {
        let highest = max(values.map(\.count).max() ?? 0, 1)
        let step = Self.step(for: highest)
        let top = ((Double(highest) / Double(step)).rounded(.up)) * Double(step)
        let slot = 100 / Double(max(values.count, 1))
        bars = values.enumerated().map { index, value in
            let height = Double(value.count) / top * 100
            return Bar(
                x: Coordinate.percent((Double(index) + 0.1) * slot), y: Coordinate.percent(100 - height),
                width: Coordinate.percent(slot * 0.8), height: Coordinate.percent(height), title: value.title,
                isYoung: value.isYoung)
        }
        lines = stride(from: step, through: Int(top), by: step).map { count in
            Line(y: Coordinate.percent(100 - Double(count) / top * 100), label: count.grouped)
        }
    }

    /// A round number of which two to five reach the highest count.
    private static func step(for highest: Int) -> Int {
        var magnitude = 1
        while magnitude * 10 * 2 <= highest { magnitude *= 10 }
        return [1, 2, 5, 10].map { $0 * magnitude }.first { highest / $0 <= 4 } ?? magnitude * 10
    }
}

extension RulePage {
    struct Chart {
        let caption: String
        let bars: [BarChart.Bar]
        let lines: [BarChart.Line]
        let first: String
        let last: String
        /// The same as a table; empty where another chart has it.
        let rows: [ChartRow]

        init(caption: String, chart: BarChart, first: String, last: String, rows: [ChartRow]) {
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
            (
                label: label(bucket.start),
                isYoung: series.basis == .cohort && hasExposures
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
        let ends = (label(first.start), label(last.start))
        return [
            Chart(
                caption: names.0,
                chart: BarChart(rows.map { ($0.exposed, "\($0.label): \($0.exposed.grouped)", false) }),
                first: ends.0, last: ends.1, rows: table),
            Chart(
                caption: names.1,
                chart: BarChart(rows.map { ($0.converted, "\($0.label): \($0.converted.grouped)", $0.isYoung) }),
                first: ends.0, last: ends.1, rows: []),
        ]
    }

    /// Whether visitors of before that moment may still have time to convert.
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

/// The axis that all rates of a page are drawn on, from 0 to a round number above the highest.
struct RateAxis {
    struct Tick {
        let x: String
        let label: String
        /// How its label stands to it: `start`, `middle` or `end`.
        let anchor: String
    }

    private let end: Double
    private let step: Double

    /// - Parameter highest: the highest rate, or end of an interval, that is shown.
    init(highest: Double) {
        let span = highest.isFinite ? max(highest, 0.0001) : 1
        let rough = span / 4
        let magnitude = pow(10, floor(log10(rough)))
        let steps = [1.0, 2, 2.5, 5, 10].map { $0 * magnitude }
        step = steps.first { $0 >= rough * 0.999 } ?? 10 * magnitude
        // Only by activity can a rate be over 100 %.
        let end = (span / step - 1e-9).rounded(.up) * step
        self.end = span <= 1 ? min(end, 1) : end
    }

    /// How far along the axis a rate stands: `37.20%`.
    func x(_ rate: Double) -> String {
        Coordinate.percent(min(max(rate / end, 0), 1) * 100)
    }

    var ticks: [Tick] {
        let count = Int((end / step + 0.001).rounded(.down))
        return (0...count).map { index in
            let rate = Double(index) * step
            let anchor = index == 0 ? "start" : rate > end * 0.97 ? "end" : "middle"
            return Tick(x: x(rate), label: label(rate), anchor: anchor)
        }
    }

    private func label(_ rate: Double) -> String {
        // As many digits as the step has.
        let digits = (0...4).first { digits in
            let scaled = step * 100 * pow(10, Double(digits))
            return abs(scaled - scaled.rounded()) < 1e-6
        }
        return String(format: "%.\(digits ?? 4)f %%", rate * 100)
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

/// Numbers of a drawing.
enum Coordinate {
    /// In its own units.
    static func text(_ number: Double) -> String {
        String(format: "%.1f", number)
    }

    /// Of the room that the page has: `37.20%`.
    static func percent(_ number: Double) -> String {
        String(format: "%.2f%%", number)
    }
}
