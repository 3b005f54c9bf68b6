import Analytics
import ArgumentParser
import Foundation

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what is counted under one rule version.",
        discussion: """
            There is a row for each outcome and conversion. exposed is how many visitors saw the outcome, each counted \
            once; converted is how many of them did the conversion within the window around their first exposure, and rate \
            the one divided by the other. maturing is how many of the exposed still have time to. unattributed is how many \
            visitors did the conversion and are not known to have seen the outcome; visitors is how many did it at all, and \
            events how often it was recorded, repeats included. '(other)' stands for all outcomes, or conversions, that \
            came after the configured limit of how many are told apart was reached.

            Below stands each group of outcomes that rules.yaml declares, compared by its primary conversion: visitors are \
            those who met the outcome first of the group's and whose window has passed, difference is the rate less the \
            baseline's, and its interval holds the truth in 95 of 100 groups however often one looks. Outcomes in no group \
            cannot be compared: they are not known to be randomised.

            On a terminal that is too narrow, long ids are shortened in the middle; anywhere else they are written out. \
            csv and json give exactly what the aggregator answers. name is what rules.yaml calls the outcome, where it does.

            Examples:
              rule-outcomes report article-22
              rule-outcomes report article-22 --site magazine.example --format csv > a22.csv
            """)

    @Argument(help: "The id of the rule version, as the pages send it in ruleId.")
    var ruleID: String

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @Option(help: "The form of the report.")
    var format = ReportFormat.table

    func run() async throws {
        let format = format == .csv ? "csv" : "json"
        let address = AnalyticsAddress.outcomes(site: site.site, ruleID: ruleID, format: format)
        let body = try await AnalyticsClient.open(socket: analytics.socketPath()) { try await $0.body(of: address) }
        guard self.format == .table else { return Output.standard.write(body) }
        let report: OutcomesReport = try AnalyticsClient.decode(body)
        let columnsMax = Output.standard.terminalColumns
        let groups = report.groups.map { group in
            "\n\(group.heading)\n\n" + TextTable(group).text(columnsMax: columnsMax)
        }
        let epochs = report.epochs.map { epoch in
            "\nThe subject secret was changed at \(epoch.brief) UTC: visitors count anew from then on.\n"
        }
        Output.standard.write(
            TextTable(report).text(columnsMax: columnsMax) + groups.joined() + epochs.joined())
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
                [outcome.outcomeId ?? OutcomesReport.otherName] + (hasNames ? [outcome.outcomeName ?? ""] : [])
                + ["\(outcome.exposed)", "\(outcome.maturing)"]
            for conversion in outcome.conversions { append(cells + Self.cells(of: conversion)) }
            if outcome.conversions.isEmpty { append(cells + ["", "", "", "", "", ""]) }
        }
    }

    private static func cells(of conversion: OutcomesReport.Conversion) -> [String] {
        [
            conversion.conversion ?? OutcomesReport.otherName, conversion.converted.map { "\($0)" } ?? "",
            conversion.rate.map { "\($0.percentage)" } ?? "", "\(conversion.unattributed)", "\(conversion.visitors)",
            "\(conversion.events)",
        ]
    }
}

extension GroupReport {
    /// What is compared, and since when.
    fileprivate var heading: String {
        let mismatch =
            (mismatchLog10 ?? 0) >= 3
            ? "; the numbers of visitors do not fit the weights" : ""
        return "group \(name.escapedForTerminal): \(conversion.escapedForTerminal) within \(windowDays) days, since "
            + "\(start.brief) UTC\(mismatch)"
    }
}

extension TextTable {
    init(_ group: GroupReport) {
        self.init(columns: [
            Column("outcome", shortens: true), Column("weight", .right), Column("visitors", .right),
            Column("converted", .right), Column("rate", .right), Column("difference", .right),
            Column("interval", .right), Column("maturing", .right), Column("crossed", .right), Column("verdict"),
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
    /// A difference of rates in percentage points, with its sign: `+1.25`.
    fileprivate var points: String {
        let text = (self * 100).formatted(
            .number.precision(.fractionLength(2)).locale(Locale(identifier: "en_US_POSIX")))
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
