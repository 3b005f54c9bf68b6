import ArgumentParser
import ConfigurationFile
import Daemon
import HTTPRequests

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Send known traffic through nginx, and compare what is counted with it.",
        discussion: """
            Makes up visitors, assigns each of them at random to an outcome, and has them convert as REGISTERED and \
            as CUSTOMER with known probabilities, the outcome's true rates. Conversions come some time after the \
            exposure, a few shortly before it. Some exposures and conversions are repeated, and some visitors meet \
            another outcome later. Besides, there are visitors who convert and whose exposure is not recorded, and \
            bots, which nginx is to answer 204 and which are not to be counted. Each has a tracking id of its own \
            and a token signed with the site's shared secret, which stands in any of the headers and the cookie that \
            the site accepts.

            Then waits until all is counted, and prints what was sent beside what was counted; for the groups that \
            rules.yaml declares for the rule version, too, if they began before. The exit status is 0 when all of it \
            is equal. Below stand the true rates, the measured ones, and whether the 95 % intervals hold the truth. \
            About one in twenty does not, and that changes no exit status.

            What is answered 503, or not at all, is sent again for about half a minute. It may be two events then; \
            the number of visitors is exact all the same.

            All of it stays in the reports, under a rule version of its own. On an installation that counts real \
            visitors give simulate a site of its own.

            Examples:
              rule-outcomes simulate --url http://127.0.0.1:8080
              rule-outcomes simulate --url https://www.example.com \\
                --site try-out
              rule-outcomes simulate --url http://127.0.0.1:8080 \\
                --visitors 9000 --rates 5,5,8
            """)

    @Option(
        help: ArgumentHelp(
            "Where nginx serves the site: scheme, host and port, such as http://127.0.0.1:8080.", valueName: "url"))
    var url: EndpointURL

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @OptionGroup var simulation: SimulationOptions

    func run() async throws {
        let configuration = try analytics.configuration.load()
        let credentials = try credentials(configuration)
        let socket = analytics.socket ?? configuration.aggregator.analyticsSocket
        let seed = simulation.seed ?? .random(in: .min ... .max)
        let ruleID = simulation.rule ?? "simulation-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let plan = SimulationPlan(
            exposedVisitors: simulation.visitors, outcomes: simulation.simulatedOutcomes, places: credentials.places,
            seed: seed)
        let client = HTTPClient(HTTPClient.Options(connectionsPerHost: simulation.concurrency))
        let sender = EndpointSender(client: client, url: url, ruleID: ruleID, credentials: credentials)
        let result = try await Simulation(
            plan: plan, sender: sender, analytics: AnalyticsClient(socket: socket), site: site.site,
            concurrency: simulation.concurrency
        ).run()
        Output.standard.write(
            "rule version \(ruleID.escapedForTerminal) of site \(site.site.escapedForTerminal), seed \(seed)\n\n"
                + result.text(columnsMax: Output.standard.terminalColumns))
        guard result.comparison.isEqual else { throw ExitCode.failure }
    }

    /// Looks for whatever in the configuration would keep the traffic from being counted as it is sent.
    private func credentials(_ configuration: Configuration) throws(CommandFailure) -> SimulatedCredentials {
        let name = site.site
        let site = try ConfigurationOptions.site(name, of: configuration)
        guard site.analytics else { throw .configuration("in-rule analytics is switched off for site '\(name)'") }
        let aggregator = configuration.aggregator
        guard simulation.outcomeCount <= aggregator.outcomesPerRuleMax else {
            throw .data(
                "there are more outcomes than aggregator.outcomesPerRuleMax, which is \(aggregator.outcomesPerRuleMax)")
        }
        guard SimulatedOutcome.conversions.count <= aggregator.conversionsPerOutcomeMax else {
            let least = SimulatedOutcome.conversions.count
            throw .configuration("aggregator.conversionsPerOutcomeMax has to be \(least) at least for a simulation")
        }
        return try SimulatedCredentials(site: site, name: name)
    }
}
