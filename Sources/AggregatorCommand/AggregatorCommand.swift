import Aggregator
import Analytics
import ArgumentParser
import ConfigurationFile
import Daemon
import EventLoop
import Glibc
import Journal
import Logging
import Records
import SQLiteStorage
import Storage
import Web

/// `rule-outcomes-aggregator`.
public struct AggregatorCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "rule-outcomes-aggregator",
        abstract: "Makes conversions durable, counts them, and serves the counts.",
        discussion: """
            Logs on standard error. SIGHUP reads the sites and the rules again, and says which other changes wait for \
            a new start. On SIGTERM or SIGINT it accepts no more, makes durable what has arrived, and ends within five \
            seconds; what is not counted by then is counted after the next start.

            The exit status is 0 after such a stop, and otherwise as sysexits.h has it: 64 for a mistake on the command \
            line, 65 when the data directory or what is in it cannot be used, 69 when a socket cannot be had, 78 when the \
            configuration is wrong; and 74 when the disk failed or 75 when another process holds a file, where a new \
            start may help.
            """,
        version: "rule-outcomes-aggregator \(Version.current)")

    @Option(help: ArgumentHelp("The configuration.", valueName: "path"))
    var config = Configuration.defaultPath

    @Flag(
        help: """
            Begin an empty store with what the journal still holds, which is what it keeps for seven days after it was \
            counted. Without this an aggregator whose store is gone does not start, so that counts are not lost unseen. \
            `rule-outcomes recount` does all that is to be done and needs no flag.
            """)
    var recount = false

    @Flag(
        help: """
            Believe the machine's clock, however far it is from the time of the last record, now and at later starts. Without \
            this an aggregator whose clock is more than 31 days ahead of that at the start, or a day behind, or jumps while it \
            runs, erases nothing, and goes by that time and what has passed since.
            """)
    var trustClock = false

    @Flag(
        help: """
            Take the next other subject secret that a responder brings, now or after a later start, for one that is meant: \
            every visitor counts anew. Without this its responder is refused.
            """)
    var newSubjectSecret = false

    public init() {}

    public static func main() async {
        Daemon.begin()
        // Pseudonyms, which are in its files as well, but are erased there.
        Daemon.guardMemory(hasSecrets: false)
        do {
            var command = try parseAsRoot()
            if let command = command as? Self { try await command.run() } else { try command.run() }
        } catch {
            Output.end(fullMessage(for: error), status: exitCode(for: error).rawValue)
        }
    }

    public func run() async throws {
        let logger = Logger.daemon("rule-outcomes-aggregator")
        let hangups = await Hangups()
        let configuration: Configuration
        let rules: Rules
        do {
            configuration = try Configuration.load(path: config)
            rules = try Rules.load(for: configuration)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(ExitStatus.configuration)
        }
        // Sockets are private until their configured permissions are set.
        umask(0o077)
        do {
            try await run(configuration, rules, hangups: hangups, logger: logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(Self.status(of: error))
        }
    }

    private func run(
        _ configuration: Configuration, _ rules: Rules, hangups: Hangups, logger: Logger
    ) async throws {
        Self.warn(rules, configuration, logger: logger)
        let aggregator = configuration.aggregator
        let limits = DimensionLimits(aggregator)
        var files = DataFiles(directory: aggregator.dataDirectory, limits: limits, logger: logger)
        let (journal, store, recovered) = try await files.open(recounts: recount, trustsClock: trustClock)
        let backlog = journal.lastPosition.sequence - recovered.folded.sequence
        logger.notice(
            "version \(Version.current), journal at commit \(journal.lastPosition.sequence), \(backlog) to count")
        let clock = try clock(after: journal, logger: logger)
        let currentEpoch = try CurrentEpoch(
            path: "\(aggregator.dataDirectory)/\(EpochFile.name)", stored: try await store.subjectEpochs(),
            mayChange: newSubjectSecret, logger: logger)
        let catalogue = Catalogue(sites: configuration.sites, rules: rules)
        let statistics = AggregatorStatistics()
        let reloads = ReloadCounter()
        let progress = FoldProgress(
            recovered.folded, unfoldedSinceMilliseconds: recovered.unfoldedSinceMilliseconds, clock: clock)
        let inbox = FoldInbox()
        let ingest = try IngestService(
            socket: aggregator.socket, access: UnixSocketAccess(aggregator.access),
            peers: try PeerPolicy(allowing: aggregator.access.allowedPeers), recovered: recovered,
            clock: clock, currentEpoch: currentEpoch, inbox: inbox, statistics: statistics, logger: logger,
            onCommit: {
                progress.committed()
                inbox.somethingIsNew()
            })
        let fold = FoldService(
            journal: journal, store: store, declared: { catalogue.declaredNames }, inbox: inbox, progress: progress,
            statistics: statistics, clock: clock, logger: logger)
        let analytics = try AnalyticsService(
            socket: aggregator.analyticsSocket, access: UnixSocketAccess(aggregator.analyticsAccess),
            queries: AnalyticsQueries(
                store: store, catalogue: catalogue, nowMilliseconds: { clock.nowMilliseconds },
                countedUntilMilliseconds: { progress.countedUntilMilliseconds }),
            status: StatusSource(
                journal: journal, store: store, limits: limits, progress: progress, statistics: statistics,
                clock: clock, reloads: reloads), logger: logger,
            // Responders are heard since the service for them was made.
            onServing: { Supervisor.tellReady() })
        let reload = ReloadService(on: hangups, counter: reloads, logger: logger) { [config] in
            let new = try Configuration.load(path: config)
            let rules = try Rules.load(for: new)
            catalogue.replace(sites: new.sites, rules: rules)
            Self.warn(rules, new, logger: logger)
            inbox.somethingIsNew()
            Self.tell(new, reloadedFrom: configuration, logger: logger)
        }
        // Services stop in the reverse of this order: first nothing new arrives, then it is counted; a configuration that
        // is slow to read keeps nobody waiting.
        try await Daemon.run([reload, fold, analytics, ingest], logger: logger)
        files.close(journal, store)
        logger.notice("stopped")
    }

    private static func tell(_ configuration: Configuration, reloadedFrom earlier: Configuration, logger: Logger) {
        logger.notice("reloaded")
        for key in configuration.aggregator.keysChanged(from: earlier.aggregator) {
            logger.warning("aggregator.\(key) has changed, which takes effect when the aggregator is started again")
        }
    }

    private func clock(after journal: Journal, logger: Logger) throws -> SoundClock {
        let times = try journal.commitTimes()
        return SoundClock(
            last: times?.lastMilliseconds, pauseEnd: times?.pauseEndedMilliseconds, isTrusted: trustClock,
            onChange: { Self.tell($0, logger: logger) })
    }

    private static func warn(_ rules: Rules, _ configuration: Configuration, logger: Logger) {
        for warning in rules.warnings(sites: configuration.sites, file: configuration.rules ?? "") {
            logger.warning("\(warning)")
        }
    }

    private static func tell(_ time: SoundClock.Reading, logger: Logger) {
        guard let doubt = time.doubtMilliseconds else {
            return logger.notice("this machine's clock agrees again with the time of the records, and is believed")
        }
        logger.error(
            """
            this machine's clock is \(StatusReport.distance(milliseconds: doubt)) the time of the last records and what has \
            passed since, and is not believed: nothing is erased, and records and reports go by \
            \(Timestamp(milliseconds: time.milliseconds).text). Set the clock; if it is right, restart the aggregator, and if \
            that does not help, start it once with --trust-clock
            """)
    }

    private static func status(of error: any Error) -> Int32 {
        switch error {
        case JournalError.inputOutput, StorageError.inputOutput: ExitStatus.inputOutput
        case JournalError.locked, StorageError.locked: ExitStatus.temporary
        case is JournalError, is StorageError, is RecoveryError: ExitStatus.dataError
        case is SocketFailure: ExitStatus.unavailable
        default: ExitStatus.software
        }
    }
}

extension DimensionLimits {
    init(_ aggregator: AggregatorConfiguration) {
        self.init(
            rulesPerSiteMax: aggregator.rulesPerSiteMax, outcomesPerRuleMax: aggregator.outcomesPerRuleMax,
            conversionsPerOutcomeMax: aggregator.conversionsPerOutcomeMax)
    }
}

extension UnixSocketAccess {
    init(_ access: SocketAccess) {
        self.init(mode: access.mode, owner: access.owner, group: access.group)
    }
}
