import Analytics
import ArgumentParser
import ConfigurationFile
import Daemon
import FoundationEssentials

struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Tell of what tests have come to since the last time.",
        discussion: """
            Looks once at all tests that run, that is, at the declared groups of rule versions without a decision in rules.yaml, \
            and tells by the ways that `notify` in the configuration names, the program, the webhook or both. There is verdict, \
            where an outcome is better or worse than the baseline; mismatch, where visitors are not split as declared; \
            guardrail-broken, where a conversion is lower by more than it may be; and no-data, where there was no record for \
            notify.quietHours, or never one, and not as many hours ago either.

            Each is told once: what was told stands in notify.stateDirectory. It is written there before it is told and marked as told \
            after, so that one whose telling was cut short is told again, under the same id. What cannot be told is told by a later \
            run. These are the verdicts of the console, which may be looked at always: telling of them is no look too many.

            The program has on its standard input a line of text, and below it the same as JSON in one line; it is to end with 0 within \
            \(NoticeCommand.secondsMax) seconds. The webhook gets the JSON, signed as Standard Webhooks has it, and is to answer with 200 to \
            299. Debian's package runs this every 5 minutes.

            The exit status is 69 when the aggregator could not be asked or something could not be told, and 74 when the state could \
            not be written. Where the configuration has no `notify`, nothing is done.

            Examples:
              rule-outcomes notify --dry-run
              rule-outcomes notify --test
            """)

    @OptionGroup var analytics: AnalyticsOptions

    @Flag(help: "Show what would be told, and tell and remember nothing.")
    var dryRun = false

    @Flag(help: "Tell that this is a test, and nothing else; nothing is remembered.")
    var test = false

    @Option(
        help: ArgumentHelp(
            "A file of certificates in PEM, of those who may sign the webhook's, in place of whom Debian trusts.",
            valueName: "path"))
    var authorities: String?

    func validate() throws {
        guard !(dryRun && test) else { throw ValidationError("--dry-run and --test do not go together") }
    }

    func run() async throws {
        let configuration = try analytics.configuration.load()
        guard let notify = configuration.notify else {
            guard !test, !dryRun else {
                throw CommandFailure.configuration(
                    "the configuration has no section `notify`: add one, with `command` or `webhook`")
            }
            return
        }
        let teller = try NoticeTeller(notify, authorities: authorities)
        if test { return try await teller.tell(.test(console: notify.console)) }
        let look = NoticeLook(client: AnalyticsClient(socket: try analytics.socketPath()), notify)
        var ledger = try NoticeLedger(directory: notify.stateDirectory)
        var failures: [CommandFailure] = []
        do throws(CommandFailure) {
            let found = try await look.notices()
            let unseen = ledger.lasting(found.unseen, hours: notify.quietHours)
            ledger.add(found.now + unseen, by: teller.ways, at: Self.now)
        } catch {
            failures.append(error)
        }
        if dryRun {
            for pending in ledger.pending { Output.standard.write("\(pending.notice.text)\n") }
        } else {
            try ledger.save()
            failures += try await teller.tell(&ledger)
        }
        for failure in failures.dropLast() { Output.error.write("\(failure.text)\n") }
        if let last = failures.last { throw last }
    }

    /// Milliseconds since 1970, UTC.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}

/// Looks at all tests that run.
struct NoticeLook {
    private let client: AnalyticsClient
    private let configuration: NotifyConfiguration

    init(client: AnalyticsClient, _ configuration: NotifyConfiguration) {
        self.client = client
        self.configuration = configuration
    }

    /// What there is to be told now, in the order of sites, the rule version with the latest event first; and of tests that have no
    /// record so far, what is to be told if that lasts, with the moment up to which all is counted: milliseconds since 1970, UTC.
    func notices() async throws(CommandFailure) -> (now: [Notice], unseen: [(notice: Notice, moment: Int64)]) {
        let sites: SitesReport = try AnalyticsClient.decode(try await client.body(of: .sites))
        var (notices, unseen): ([Notice], [(Notice, Int64)]) = ([], [])
        for site in sites.sites {
            let rules: RulesReport = try AnalyticsClient.decode(try await client.body(of: .rules(site: site)))
            if let moment = CivilTime.milliseconds(rules.asOf.text) {
                unseen += rules.unseen.filter { $0.test == true && $0.decision == nil }.map {
                    (.unseen($0, site: site, configuration), moment)
                }
            }
            for rule in rules.rules(hidden: false) where rule.test == true && rule.decision == nil {
                // It may have been deleted since.
                guard let id = rule.ruleId, let report = try await client.outcomes(site: site, ruleID: id) else {
                    continue
                }
                notices += Notice.all(of: report, lastEvent: rule.lastEvent, configuration)
            }
        }
        return (notices, unseen)
    }
}

/// Tells notices by all ways that are configured.
struct NoticeTeller {
    private let command: NoticeCommand?
    private let webhook: NoticeWebhook?

    init(_ configuration: NotifyConfiguration, authorities: String?) throws(CommandFailure) {
        command = configuration.command.flatMap { NoticeCommand($0) }
        do throws(ConfigurationError) {
            webhook = try configuration.webhook.map { webhook throws(ConfigurationError) in
                try NoticeWebhook(webhook, authorities: authorities)
            }
        } catch {
            throw .configuration(ConfigurationErrors([error]))
        }
    }

    var ways: [NoticeWay] {
        NoticeWay.allCases.filter { $0 == .command ? command != nil : webhook != nil }
    }

    /// Tells one by all ways, the rest also where one fails.
    func tell(_ notice: Notice) async throws(CommandFailure) {
        var failures: [String] = []
        for way in ways {
            do throws(NoticeFailure) { try await send(notice, by: way) } catch { failures.append(error.text) }
        }
        guard failures.isEmpty else { throw .unavailable(failures.joined(separator: "\nError: ")) }
    }

    /// How many may fail by one way before it is left alone until the next run.
    private static let failuresMax = 3

    /// Tells what is pending, the oldest first. One that fails is tried last by the next run, so that it holds no other up.
    ///
    /// - Returns: What went wrong. What could not be told stays in the ledger.
    func tell(_ ledger: inout NoticeLedger) async throws(CommandFailure) -> [CommandFailure] {
        var failures: [CommandFailure] = []
        for way in ways {
            var failed: [NoticeFailure] = []
            for pending in ledger.pending where pending.ways.contains(way) && failed.count < Self.failuresMax {
                do throws(NoticeFailure) {
                    try await send(pending.notice, by: way)
                    ledger.mark(pending.notice.id, toldBy: way, at: NotifyCommand.now)
                } catch {
                    failed.append(error)
                    ledger.postpone(pending.notice.id)
                }
                try ledger.save()
            }
            guard let last = failed.last else { continue }
            let count = ledger.pending.count { $0.ways.contains(way) }
            failures.append(
                .unavailable("\(last.text); \(count) \(count == 1 ? "notice is" : "notices are") told by a later run"))
        }
        return failures
    }

    private func send(_ notice: Notice, by way: NoticeWay) async throws(NoticeFailure) {
        let now = NotifyCommand.now
        let moment = Timestamp(milliseconds: now)
        switch way {
        case .command: try await command?.send(notice, at: moment)
        case .webhook: try await webhook?.send(notice, at: moment, seconds: now / 1000)
        }
    }
}
