import Analytics
import Foundation

extension RulePage {
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
}

extension RulePage {
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
        guard
            let conversion = conversions.first(where: { $0.conversion.map { $0.hasBytes(of: name) } ?? (name == nil) })
        else { return 0 }
        return conversion.converted ?? conversion.visitors ?? 0
    }
}
