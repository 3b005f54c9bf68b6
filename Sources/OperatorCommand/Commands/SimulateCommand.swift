import ArgumentParser
import AsyncHTTPClient
import ConfigurationFile

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Send known traffic through nginx, and compare what is counted with it.",
        discussion: """
            Makes up visitors, shows each of them one of the outcomes, and has them convert as REGISTERED, as CUSTOMER, \
            or both, some of them repeatedly. Each has a tracking id of its own and a token signed with the site's \
            shared secret, which stands in any of the headers and the cookie that the site accepts. Then waits until \
            all is counted, and prints what was sent beside what was counted. The exit status is 0 when they are equal.

            What is answered 503, or not at all, is sent again for about half a minute. It may be two events then; the \
            number of visitors is exact all the same.

            The conversions stay in the reports, under a rule version of their own. On an installation that counts real \
            visitors give simulate a site of its own.

            Examples:
              rule-outcomes simulate --url http://127.0.0.1:8080
              rule-outcomes simulate --url https://www.example.com --site try-out
              rule-outcomes simulate --url http://127.0.0.1:8080 --visitors 9000
            """)

    @Option(
        help: ArgumentHelp(
            "Where nginx serves the site: scheme, host and port, such as http://127.0.0.1:8080.", valueName: "url"))
    var url: EndpointURL

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @Option(help: ArgumentHelp("How many visitors, each of whom converts at least once.", valueName: "count"))
    var visitors = 1000

    @Option(
        help: ArgumentHelp(
            "How many conversions at least; many visitors make more of them.", valueName: "count"))
    var conversions = 2000

    @Option(help: ArgumentHelp("How many outcomes the visitors are spread over.", valueName: "count"))
    var outcomes = 2

    @Option(help: ArgumentHelp("How many requests are under way at a time.", valueName: "count"))
    var concurrency = 32

    @Option(
        help: ArgumentHelp(
            "The rule version, which must have no conversions yet. Without it one is made up.", valueName: "rule-id"))
    var rule: String?

    @Option(
        help: ArgumentHelp(
            "Makes the same visitors and conversions as another run with it. Without it they are new.",
            valueName: "number"))
    var seed: UInt64?

    func validate() throws {
        try Self.check("--visitors", visitors, 1...1_000_000)
        try Self.check("--conversions", conversions, 1...10_000_000)
        try Self.check("--outcomes", outcomes, 1...1_000_000)
        try Self.check("--concurrency", concurrency, 1...1024)
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value).")
        }
    }

    func run() async throws {
        let configuration = try analytics.configuration.load()
        let credentials = try credentials(configuration)
        let socket = analytics.socket ?? configuration.aggregator.analyticsSocket
        let seed = seed ?? .random(in: .min ... .max)
        let ruleID = rule ?? "simulation-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let size = SimulationPlan.Size(visitors: visitors, conversions: conversions, outcomes: outcomes)
        let plan = SimulationPlan(size, places: credentials.places, seed: seed)
        let comparison = try await AnalyticsClient.open(socket: socket) { analytics in
            try await HTTPClient.withHTTPClient(configuration: .impatient(connections: concurrency)) { client in
                let sender = ConversionSender(client: client, url: url, ruleID: ruleID, credentials: credentials)
                return try await Simulation(
                    plan: plan, sender: sender, analytics: analytics, site: site.site, concurrency: concurrency
                ).run()
            }
        }
        Output.standard.write(
            "rule version \(ruleID.escapedForTerminal) of site \(site.site.escapedForTerminal), seed \(seed)\n\n"
                + TextTable(comparison).text(columnsMax: Output.standard.terminalColumns) + "\n\(comparison.closing)\n")
        guard comparison.isEqual else { throw ExitCode.failure }
    }

    /// Looks for whatever in the configuration would keep the traffic from being counted as it is sent.
    private func credentials(_ configuration: Configuration) throws(CommandFailure) -> SimulatedCredentials {
        let name = site.site
        let site = try ConfigurationOptions.site(name, of: configuration)
        guard site.analytics else { throw .configuration("in-rule analytics is switched off for site '\(name)'") }
        let aggregator = configuration.aggregator
        guard outcomes <= aggregator.outcomesPerRuleMax else {
            throw .data("--outcomes is over aggregator.outcomesPerRuleMax, which is \(aggregator.outcomesPerRuleMax)")
        }
        guard SimulationPlan.conversions.count <= aggregator.conversionsPerOutcomeMax else {
            let least = SimulationPlan.conversions.count
            throw .configuration("aggregator.conversionsPerOutcomeMax has to be \(least) at least for a simulation")
        }
        return try SimulatedCredentials(site: site, name: name)
    }
}
