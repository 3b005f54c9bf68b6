import Analytics
import ArgumentParser

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what is counted under one rule version.",
        discussion: """
            There is a row for each outcome and conversion. subjects is how many visitors did it, each counted once; \
            events is how often it was recorded, repeats included; first and last are the times of the first and the \
            last event, in UTC (csv and json have them to the millisecond). '(other)' stands for all outcomes, or conversions, that came after the configured limit \
            of how many are told apart was reached.

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
        let hasNames = report.rows.contains { $0.outcomeName != nil }
        self.init(
            columns: [Column("outcome", shortens: true)] + (hasNames ? [Column("name", shortens: true)] : []) + [
                Column("conversion", shortens: true), Column("subjects", .right), Column("events", .right),
                Column("first (UTC)"), Column("last (UTC)"),
            ])
        for row in report.rows {
            append(
                [row.outcomeId ?? OutcomesReport.otherName] + (hasNames ? [row.outcomeName ?? ""] : []) + [
                    row.conversion ?? OutcomesReport.otherName, "\(row.subjects)", "\(row.events)",
                    row.firstEvent.brief, row.lastEvent.brief,
                ])
        }
    }
}
