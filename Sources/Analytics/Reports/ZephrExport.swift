import ConfigurationFile
import Storage

/// What is counted under one rule version in the shape of Zephr's own export of in-rule analytics, so that what reads those
/// files reads these.
///
/// Source: Zephr's documentation, "Understand the export data". What it leaves open is decided here: `tab` is what is declared
/// of the outcome, empty where nothing is; `outcomePath` is the declared path, or else the outcome's name where one is
/// declared, or else its id, which usually is the path; `bucketStart` is as RFC 3339 has it.
public struct ZephrExport: Sendable, Equatable {
    /// Whom the files count, and by what.
    public enum Variant: String, Codable, Sendable, CaseIterable {
        /// Visitors by their first exposure, a row for each outcome.
        case total
        /// Visitors by the days on which they were active, a row for each outcome and day.
        case daily
    }

    struct Row: Sendable, Equatable {
        let outcome: DimensionName
        /// nil in a file of totals.
        let day: String?
        /// Visitors who met the outcome; nil where that is not known.
        let total: Int?
        let converted: [DimensionName: Int]
    }

    private static let dayInterval = "1 day"
    /// Each conversion is a column, and anybody who may record can invent some.
    private static let cellsMax = 1_000_000

    /// Without a suffix: `<site>-<rule's name or id>-<all-time, days or daily>`.
    public let fileName: String
    let rows: [Row]
    /// Sorted.
    private let conversions: [DimensionName]
    /// Of each outcome, its tab and its path.
    private let places: [DimensionName: OutcomePlace]

    /// Throws `.tooManyCells`.
    init(
        site: String, ruleID: String, variant: Variant, period: ReportPeriod, rows: [Row], names: Rules
    ) throws(ReportFault) {
        conversions = Set(rows.flatMap(\.converted.keys)).sorted()
        let cells = rows.count * (conversions.count + 6)
        guard cells <= Self.cellsMax else { throw .tooManyCells(cells, max: Self.cellsMax) }
        let days = period.daysText
        let dataType =
            switch variant {
            case .total: days ?? "all-time"
            case .daily: (days.map { "\($0)-" } ?? "") + "daily"
            }
        fileName = "\(site)-\(names.name(ofRule: ruleID, site: site) ?? ruleID)-\(dataType)"
        self.rows = rows
        places = Dictionary(
            rows.map { ($0.outcome, Self.place(of: $0.outcome, ruleID: ruleID, site: site, names)) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func place(
        of outcome: DimensionName, ruleID: String, site: String, _ names: Rules
    ) -> OutcomePlace {
        guard let id = outcome.named else { return OutcomePlace(path: outcome.description) }
        var place = names.place(ofOutcome: id, rule: ruleID, site: site)
        place.path = place.path ?? names.name(ofOutcome: id, rule: ruleID, site: site) ?? id
        return place
    }

    public var table: ReportTable {
        var table = ReportTable(
            columns: ["tab", "outcomePath", "outcomeId", "total", "bucketStart", "bucketInterval"]
                // All those together that have no name have none here, so that no real one can be taken for them.
                + conversions.map { "conversion: \($0.named ?? "")" })
        for row in rows {
            table.append(
                [
                    .text(places[row.outcome]?.tab), .text(places[row.outcome]?.path),
                    .text(row.outcome.named), .number(row.total), .text(row.day),
                    .text(row.day == nil ? nil : Self.dayInterval),
                ] + conversions.map { .number(row.converted[$0] ?? 0) })
        }
        return table
    }
}

extension ZephrExport.Row {
    /// A row of totals. Where a rule version has no exposures at all, nobody can be told by them: then it has whoever did a
    /// conversion, and no total.
    init(_ counts: OutcomeCounts, hasExposures: Bool) {
        outcome = counts.outcome
        day = nil
        total = hasExposures ? counts.exposed : nil
        converted = Dictionary(
            counts.conversions.map { ($0.conversion, hasExposures ? $0.converted : $0.converters) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The rows of a day, one for each outcome that somebody met or did something under.
    static func rows(of active: [ActivityCounts], day: String, hasExposures: Bool) -> [ZephrExport.Row] {
        Dictionary(grouping: active, by: \.outcome).sorted { $0.key < $1.key }.map { outcome, active in
            ZephrExport.Row(
                outcome: outcome, day: day,
                total: hasExposures ? active.first { $0.conversion == nil }?.subjects ?? 0 : nil,
                converted: Dictionary(
                    active.compactMap { active in active.conversion.map { ($0, active.subjects) } },
                    uniquingKeysWith: +))
        }
    }
}
