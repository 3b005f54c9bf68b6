import Analytics
import ArgumentParser
import ConfigurationFile
import Daemon
import Records

/// The rule versions, or the outcome, that a command is about.
struct RulePartOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The ids of the rule versions, as the pages send them in ruleId.", valueName: "rule-id"))
    var ruleIDs: [String]

    @Option(help: ArgumentHelp("This outcome of the rule version alone, by its outcomeId.", valueName: "id"))
    var outcome: String?

    @OptionGroup var site: SiteOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        guard outcome == nil || ruleIDs.count == 1 else {
            throw ValidationError("--outcome goes with one rule version.")
        }
        let isTooLong =
            ruleIDs.contains { $0.utf8.count > Limits.ruleIDBytesMax }
            || outcome?.utf8.count ?? 0 > Limits.outcomeIDBytesMax
        guard !isTooLong, site.site.utf8.count <= Limits.siteBytesMax else {
            throw ValidationError("No id is as long as that.")
        }
    }

    /// Each once, however often it is given.
    var parts: [RulePart] {
        var seen: Set<RulePart> = []
        return ruleIDs.map { RulePart(site: site.site, ruleID: $0, outcomeID: outcome) }.filter {
            seen.insert($0).inserted
        }
    }

    /// What is counted of each of them, to be shown.
    ///
    /// - Throws: where nothing is counted of one.
    func counted(_ client: AnalyticsClient) async throws(CommandFailure) -> [CountedPart] {
        if let outcome {
            let report = try await client.outcomes(site: site.site, ruleID: ruleIDs[0])
            let counts = report?.outcomes.first { $0.outcomeId?.hasBytes(of: outcome) == true }
            guard let counts else {
                throw missing("outcome '\(outcome.escapedForTerminal)' of '\(ruleIDs[0].escapedForTerminal)'")
            }
            return [CountedPart(counts, id: outcome)]
        }
        let report: RulesReport = try AnalyticsClient.decode(try await client.body(of: .rules(site: site.site)))
        let rules = Dictionary(
            report.rules.compactMap { rule in rule.ruleId.map { (OpaqueID($0), rule) } },
            uniquingKeysWith: { first, _ in first })
        return try parts.map { part throws(CommandFailure) in
            guard let rule = rules[OpaqueID(part.ruleID)] else {
                throw missing("rule version '\(part.ruleID.escapedForTerminal)'")
            }
            return CountedPart(rule, id: part.ruleID)
        }
    }

    private func missing(_ what: String) -> CommandFailure {
        .data(
            "site '\(site.site.escapedForTerminal)' has no \(what), or it is under '(other)' or hidden; ids are compared "
                + "exactly, and `rule-outcomes rules` lists them")
    }

    /// Says what is being done, or waited for.
    static func show(progress text: String) {
        Output.error.write("\(text.escapedForTerminal)\n")
    }
}

/// A rule version or an outcome, and what is counted of it.
struct CountedPart {
    let id: String
    let text: String

    init(_ rule: RulesReport.Rule, id: String) {
        self.id = id
        text =
            "outcomes: \(rule.outcomes), exposures: \(rule.exposures), conversions: \(rule.conversions), "
            + "first: \(rule.firstEvent.brief), last: \(rule.lastEvent.brief) (UTC)"
    }

    init(_ outcome: OutcomesReport.Outcome, id: String) {
        self.id = id
        let events = outcome.conversions.reduce(0) { $0 + $1.events }
        text = "exposed visitors: \(outcome.exposed), exposures: \(outcome.exposures), conversions: \(events)"
    }
}

struct HideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hide",
        abstract: "Leave rule versions or an outcome out of what people read.",
        discussion: """
            A rule version that was a typo or a test leaves the console's list and that of `rule-outcomes rules`; an outcome \
            leaves its rule version's reports, which say so. Nothing is lost: it is counted on, a report of the rule version can be \
            had by its id, and --undo takes it back. `rule-outcomes rules --hidden` lists what is hidden. What programs read of \
            the list of rules has all, with a mark. An outcome of a declared group cannot be hidden.

            It needs both of the aggregator's sockets, and to be run as root or as the aggregator's user.

            Examples:
              sudo rule-outcomes hide articel-22
              sudo rule-outcomes hide articel-22 --undo
              sudo rule-outcomes hide article-22 \\
                --outcome 'graph/1#9' --site magazine.example
            """)

    @OptionGroup var parts: RulePartOptions

    @Flag(help: "Show them again.")
    var undo = false

    func run() async throws {
        let aggregator = try parts.configuration.load().aggregator
        // What is hidden is not in every report.
        if !undo { _ = try await parts.counted(AnalyticsClient(socket: aggregator.analyticsSocket)) }
        let client = try AggregatorClient(socket: aggregator.socket)
        let count = try client.tidy(undo ? .show : .hide, parts.parts, progress: RulePartOptions.show)
        let what = parts.outcome == nil ? count == 1 ? "rule version" : "rule versions" : "outcome"
        guard count > 0 else {
            return Output.standard.write(undo ? "nothing of this was hidden\n" : "all of this was hidden already\n")
        }
        Output.standard.write("\(count) \(what) \(undo ? "shown again" : "hidden")\n")
    }
}
