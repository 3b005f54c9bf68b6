import Analytics
import Foundation

extension OutcomesReport {
    /// For people to read: tables, and what is to be known of them.
    func text(columnsMax: Int?) -> String {
        let groups = groups.map { group in
            "\n\(group.heading)\n\n" + TextTable(group).text(columnsMax: columnsMax)
                + group.warnings.map { "Warning: \($0.escapedForTerminal).\n" }.joined()
        }
        let notes = notes.map { "\n\($0).\n" }
        let counts = (timeText.map { "\($0)\n\n" } ?? "") + TextTable(self).text(columnsMax: columnsMax)
        return counts + (alone.map { "\n\($0)\n" } ?? "") + groups.joined() + notes.joined()
    }

    /// Said where several outcomes invite to a comparison.
    private var alone: String? {
        guard outcomes.count > 1, outcomes.contains(where: { $0.group == nil }) else { return nil }
        return
            "Outcomes in no group of rules.yaml are not compared: visitors are not known to be assigned to them at random."
    }

    /// What the outcomes' figures are of, where that is not all that there is.
    private var timeText: String? {
        guard from != nil || to != nil || basis == .activity else { return nil }
        let time = [from.map { "from \($0)" }, to.map { "until \($0)" }].compactMap { $0 }.joined(separator: " ")
        let whom =
            switch basis {
            case .cohort: "visitors by their first exposure"
            case .activity: "visitors by the days on which they were active"
            }
        return time.isEmpty ? whom : "\(whom), \(time)"
    }
}

extension TextTable {
    init(_ report: OutcomesReport) {
        let hasNames = report.outcomes.contains { $0.outcomeName != nil }
        self.init(
            columns: [Column("outcome", shortens: true)] + (hasNames ? [Column("name", shortens: true)] : []) + [
                Column("exposed", .right), Column("maturing", .right), Column("conversion", shortens: true),
                Column("converted", .right), Column("rate", .right), Column("unattributed", .right),
                Column("visitors", .right), Column("events", .right),
            ])
        for outcome in report.outcomes {
            let cells =
                [outcome.id] + (hasNames ? [outcome.outcomeName ?? ""] : [])
                + ["\(outcome.exposed)", outcome.maturing?.description ?? ""]
            for conversion in outcome.conversions { append(cells + Self.cells(of: conversion)) }
            if outcome.conversions.isEmpty { append(cells + ["", "", "", "", "", ""]) }
        }
    }

    private static func cells(of conversion: OutcomesReport.Conversion) -> [String] {
        [
            conversion.name, conversion.converted?.description ?? "",
            conversion.rate.map { "\($0.percentage)" } ?? "", conversion.unattributed?.description ?? "",
            conversion.visitors?.description ?? "",
            "\(conversion.events)",
        ]
    }
}

extension OutcomesReport.Outcome {
    /// As tables show it.
    var id: String { outcomeId ?? OutcomesReport.otherName }
}

extension OutcomesReport.Conversion {
    /// As tables show it.
    var name: String { conversion ?? OutcomesReport.otherName }
}

extension GroupReport {
    /// What is compared, and since when.
    fileprivate var heading: String {
        let mismatch =
            isMismatched
            ? "; NOT COMPARABLE: visitors are not split as declared" : ""
        return "group \(name.escapedForTerminal): \(conversion.escapedForTerminal) within \(windowDays) days, since "
            + "\(start.brief) UTC\(mismatch)"
    }
}

extension TextTable {
    init(_ group: GroupReport) {
        self.init(columns: [
            Column("outcome", shortens: true), Column("weight", .right), Column("mature", .right),
            Column("converted", .right), Column("rate", .right), Column("points", .right),
            Column("95 % interval", .right), Column("maturing", .right), Column("crossed", .right), Column("verdict"),
        ])
        for arm in group.arms {
            append([
                arm.outcomeName ?? arm.outcomeId, "\(arm.weight)", "\(arm.mature)", "\(arm.converted)",
                arm.rate?.percentage ?? "", arm.difference?.points ?? "", arm.differenceAlwaysValid?.points ?? "",
                "\(arm.maturing)", "\(arm.crossed)",
                arm.verdict.word.rawValue + (arm.verdict.reason.map { ": \($0)" } ?? ""),
            ])
        }
    }
}

extension Bounds {
    /// `+0.2 to +3.1`, in percentage points.
    fileprivate var points: String { "\(low.points) to \(high.points)" }
}

extension Double {
    /// A difference of rates in percentage points, with its sign: `+1.25`; with more digits where it would read as 0.
    fileprivate var points: String {
        let points = self * 100
        let style = FloatingPointFormatStyle<Double>.number.locale(Locale(identifier: "en_US_POSIX"))
        let text =
            abs(points) >= 0.005 || points == 0
            ? points.formatted(style.precision(.fractionLength(2)))
            : points.formatted(style.precision(.significantDigits(1)))
        return self > 0 ? "+\(text)" : text
    }
}

extension Double {
    /// A rate as people read it, with three digits that count: `4.27 %`.
    var percentage: String {
        let percent = self * 100
        let digits = percent >= 10 ? 1 : percent >= 1 ? 2 : 3
        return percent.formatted(.number.precision(.fractionLength(digits)).locale(Locale(identifier: "en_US_POSIX")))
            + " %"
    }
}
