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
        Output.standard.write(TextTable(report).text(columnsMax: Output.standard.terminalColumns))
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

extension Double {
    /// A rate as people read it, with three digits that count: `4.27 %`.
    var percentage: String {
        let percent = self * 100
        let digits = percent >= 10 ? 1 : percent >= 1 ? 2 : 3
        return percent.formatted(.number.precision(.fractionLength(digits)).locale(Locale(identifier: "en_US_POSIX")))
            + " %"
    }
}
