import Analytics
import ArgumentParser
import Logs

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

            Below stands each group of outcomes that rules.yaml declares, compared by its primary conversion: mature are the \
            visitors who met the outcome first of the group's and whose window has passed, points is the rate less the \
            baseline's in percentage points, and in at least 95 of 100 groups its interval holds the true difference at every \
            look. Outcomes in no group are not compared: visitors are not known to be assigned to them at random. A group is \
            always reported since it began.

            --from and --to take a date, which is a whole day of --time-zone, or a time at a full quarter of an hour. By \
            --basis cohort, visitors are those first exposed in that time; by activity, those seen and those converting on \
            each of its days, added up.

            On a terminal that is too narrow, long ids are shortened in the middle; anywhere else they are written out. \
            csv, ndjson and json have everything. zephr is the shape of Zephr's own export, one row for each outcome; \
            zephr-daily has one for each outcome and day. name is what rules.yaml calls the outcome, where it does.

            Examples:
              rule-outcomes report article-22
              rule-outcomes report article-22 --site magazine.example --format csv > a22.csv
              rule-outcomes report article-22 --from 2026-11-01 --to 2026-11-30 --time-zone Europe/Berlin
            """)

    @Argument(help: "The id of the rule version, as the pages send it in ruleId.")
    var ruleID: String

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @Option(
        help: ArgumentHelp("The first day, or the time to begin with. Without it the first event.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("The last day, or the time to end before. Without it now.", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("Whose days are meant, such as Europe/Berlin. Without it UTC.", valueName: "name"))
    var timeZone: String?

    @Option(help: "Whom to count in a range of time.")
    var basis = Basis.cohort

    @Option(help: "The form of the report.")
    var format = ReportFormat.table

    func validate() throws {
        guard basis == .cohort || exportAddress == nil else {
            throw ValidationError(
                "--basis does not go with --format \(format.rawValue): zephr counts by the cohort, zephr-daily by days."
            )
        }
    }

    func run() async throws {
        let outcomes = AnalyticsAddress.outcomes(
            site: site.site, ruleID: ruleID,
            [("format", format == .table ? "json" : format.rawValue), ("basis", basis.rawValue)] + time)
        let address = exportAddress ?? outcomes
        let body = try await AnalyticsClient.open(socket: analytics.socketPath()) { try await $0.body(of: address) }
        guard format == .table else { return Output.standard.write(body) }
        let report: OutcomesReport = try AnalyticsClient.decode(body)
        Output.standard.write(report.text(columnsMax: Output.standard.terminalColumns))
    }

    private var time: [(String, String?)] {
        [("from", from), ("to", to), ("timeZone", timeZone)]
    }

    /// Where the export is, for the forms that are one.
    private var exportAddress: AnalyticsAddress? {
        switch format {
        case .zephr: .export(site: site.site, ruleID: ruleID, [("rows", ZephrExport.Variant.total.rawValue)] + time)
        case .zephrDaily:
            .export(site: site.site, ruleID: ruleID, [("rows", ZephrExport.Variant.daily.rawValue)] + time)
        case .table, .csv, .json, .ndjson: nil
        }
    }
}

extension Basis: ExpressibleByArgument {}
