import Analytics
import ArgumentParser
import Daemon

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "List the rule versions of a site that have exposures or conversions.",
        discussion: """
            The rule version with the latest event stands first. outcomes is how many outcomes of it are told apart; \
            exposures and conversions are how many calls were recorded, repeats included; first and last are the times \
            of the first and the last of them, in UTC. '(other)' stands for all rule versions that came after the configured limit of \
            how many are told apart was reached. Those that `rule-outcomes hide` has hidden are left out; with --format json they \
            have a mark.

            Examples:
              rule-outcomes rules
              rule-outcomes rules --hidden
              rule-outcomes rules --site magazine.example --format json
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @Option(help: "The form of the list. json gives exactly what the aggregator answers.")
    var format = ListFormat.table

    @Flag(help: "List those that are hidden, in place of all others.")
    var hidden = false

    func validate() throws {
        guard !hidden || format == .table else {
            throw ValidationError("--hidden goes with --format table: json has all, with a mark.")
        }
    }

    func run() async throws {
        let address = AnalyticsAddress.rules(site: site.site)
        let client = AnalyticsClient(socket: try analytics.socketPath())
        let body = try await client.body(of: address, naming: NamedReport(site: site.site))
        guard format == .table else { return Output.standard.write(body) }
        let report: RulesReport = try AnalyticsClient.decode(body)
        let table = TextTable(report, hidden: hidden).text(columnsMax: Output.standard.terminalColumns)
        let hiddenCount = report.rules(hidden: true).count
        let note = hidden || hiddenCount == 0 ? "" : "\nhidden: \(hiddenCount), which --hidden lists\n"
        Output.standard.write(table + note)
    }
}

extension TextTable {
    init(_ report: RulesReport, hidden: Bool = false) {
        let rules = report.rules(hidden: hidden)
        let hasNames = rules.contains { $0.name != nil }
        self.init(
            columns: [Column("rule", .left, .shortened)] + (hasNames ? [Column("name", .left, .shortened)] : []) + [
                Column("outcomes", .right), Column("exposures", .right), Column("conversions", .right),
                Column("first (UTC)"), Column("last (UTC)"),
            ])
        for rule in rules {
            append(
                [rule.ruleId ?? OutcomesReport.otherName] + (hasNames ? [rule.name ?? ""] : []) + [
                    "\(rule.outcomes)", "\(rule.exposures)", "\(rule.conversions)", rule.firstEvent.brief,
                    rule.lastEvent.brief,
                ])
        }
    }
}
