import Analytics
import ArgumentParser
import Daemon
import FoundationEssentials

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Set Zephr's own export beside what is counted here.",
        discussion: """
            Reads a file that Zephr's rule analytics gave, of totals or of days, asks the aggregator for the same, and shows \
            both by outcome and conversion, and by day where the file has days: Zephr's number, the one here, here less \
            Zephr's, and here divided by Zephr's. Below stand the sums, and for what differs the reasons that are likely by what \
            is known here. total is how many visitors met the outcome.

            An outcome of the file is one of those here where its outcomeId is the id, byte for byte; otherwise its outcomePath \
            the id or the path that rules.yaml declares; its tab and outcomePath what rules.yaml declares; its path or id the \
            name; or its outcomeId the name behind a kind, as in 'Transformation:Name'. What fits nothing, or several, has rows \
            of its own, and why is told.

            Totals count by the cohort, days by activity, as `report --format zephr` and `zephr-daily` do. Without --from and \
            --to the time is that of the file's days, or of the range in its name; --time-zone is Zephr's. The file may have \
            commas, semicolons or tabs, as spreadsheets save it, in UTF-8.

            The exit status is 0 when both were read and compared, also where they differ, and 65 when the file, the site or \
            the rule version is none.

            Examples:
              rule-outcomes compare all-time.csv --rule article-22
              rule-outcomes compare daily.csv --rule article-22 \\
                --time-zone Europe/Berlin --format csv > beside.csv
            """)

    @Argument(help: ArgumentHelp("The file that Zephr gave.", valueName: "export.csv"))
    var export: String

    @Option(help: ArgumentHelp("The id of the rule version, as the pages send it in ruleId.", valueName: "id"))
    var rule: String

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @Option(
        help: ArgumentHelp(
            "The first day, or the time to begin with. Without it the file's first.", valueName: "time"))
    var from: String?

    @Option(
        help: ArgumentHelp("The last day, or the time to end before. Without it the file's last.", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("Whose days are meant, such as Europe/Berlin. Without it UTC.", valueName: "name"))
    var timeZone: String?

    @Option(help: "The form of the comparison.")
    var format = ComparisonFormat.text

    func run() async throws {
        Output.standard.write(try await text())
    }

    private func text() async throws(CommandFailure) -> String {
        let comparison = try await comparison()
        switch format {
        case .text: return ComparisonText(comparison).text(columnsMax: Output.standard.terminalColumns)
        case .csv: return comparison.table.csv
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            // What has numbers and texts alone can always be encoded.
            return (try? encoder.encode(comparison)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
        }
    }

    private func comparison() async throws(CommandFailure) -> ZephrComparison {
        let file = try ExportFile(path: export).read()
        let name = ZephrFileName(export)
        let (time, period) = try time(of: file, name)
        let client = AnalyticsClient(socket: try analytics.socketPath())
        let named = NamedReport(site: site.site, ruleID: rule)
        let query = [("from", time.from), ("to", time.to), ("timeZone", timeZone)]
        let own = try await client.body(
            of: .export(site: site.site, ruleID: rule, [("rows", file.variant.rawValue)] + query), naming: named)
        let asked = query + [("format", "json")]
        let report: OutcomesReport = try AnalyticsClient.decode(
            try await client.body(of: .outcomes(site: site.site, ruleID: rule, asked)))
        let rules: RulesReport = try AnalyticsClient.decode(try await client.body(of: .rules(site: site.site)))
        let answers: AnswersReport = try AnalyticsClient.decode(
            try await client.body(of: .answers(site: site.site, ruleID: rule, asked)))
        let siteAnswers: AnswersReport = try AnalyticsClient.decode(
            try await client.body(of: .answers(site: site.site, ruleID: nil, asked)))
        let evidence = ComparisonEvidence(report: report, rules: rules, answers: answers, siteAnswers: siteAnswers)
        do throws(CSVFault) {
            return ZephrComparison(file, named: name, beside: try ZephrFile(own), of: period, evidence)
        } catch {
            throw .data(
                "the aggregator's export cannot be read (\("\(error)".escapedForTerminal)): is it of another version?")
        }
    }

    /// What is asked for, and the same as it is understood here.
    private func time(
        of file: ZephrFile, _ name: ZephrFileName
    ) throws(CommandFailure) -> (ComparedTime, ReportPeriod) {
        do throws(ReportFault) {
            let time = ComparedTime(from: from, to: to, in: try Zone(timeZone), of: file, named: name)
            return (time, try ReportPeriod(from: time.from, to: time.to, timeZone: timeZone))
        } catch {
            throw .data("\(error)")
        }
    }
}

/// The forms of a comparison.
enum ComparisonFormat: String, ExpressibleByArgument, CaseIterable {
    case text, csv, json
}
