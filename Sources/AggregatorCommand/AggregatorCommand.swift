import Aggregator
import Analytics
import AnalyticsServer
import ArgumentParser
import ConfigurationFile
import Glibc
import Journal
import Logging
import Logs
import SQLiteStorage
import ServiceLifecycle
import Sockets
import Storage

@main
struct AggregatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule-outcomes-aggregator",
        abstract: "Makes conversions durable, counts them, and serves the counts.",
        discussion: "Stops on SIGTERM or SIGINT once what has arrived is durable and counted.",
        version: Version.current)

    @Option(help: "The configuration.")
    var config = Configuration.defaultPath

    func run() async throws {
        let logger = Logger.daemon("rule-outcomes-aggregator")
        let configuration: Configuration
        do {
            configuration = try Configuration.load(path: config)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(ExitStatus.configuration)
        }
        for warning in configuration.warnings { logger.warning("\(warning)") }
        // Sockets are private until their configured permissions are set.
        umask(0o077)
        do {
            try await run(configuration, logger: logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(Self.status(of: error))
        }
    }

    private func run(_ configuration: Configuration, logger: Logger) async throws {
        let aggregator = configuration.aggregator
        let lock = try DataDirectoryLock(directory: aggregator.dataDirectory)
        let storePath = "\(aggregator.dataDirectory)/store.sqlite"
        let journal = try Journal(path: "\(aggregator.dataDirectory)/journal.sqlite")
        let store = try SQLiteOutcomeStore(path: storePath, limits: DimensionLimits(aggregator))
        let recovered = try await Recovery(journal: journal, store: store, storePath: storePath)
        let statistics = AggregatorStatistics()
        let progress = FoldProgress(recovered.folded)
        let signal = FoldSignal()
        let ingest = try IngestService(
            socket: aggregator.socket, access: UnixSocketAccess(aggregator.access),
            peers: try PeerPolicy(allowing: aggregator.access.allowedPeers), recovered: recovered,
            statistics: statistics, logger: logger, onCommit: { signal.send() })
        let fold = FoldService(journal: journal, store: store, progress: progress, signal: signal, logger: logger)
        let analytics = try AnalyticsService(
            socket: aggregator.analyticsSocket, access: UnixSocketAccess(aggregator.analyticsAccess),
            queries: AnalyticsQueries(store: store, configuredSites: Set(configuration.sites.keys)),
            status: StatusSource(journal: journal, progress: progress, statistics: statistics), logger: logger)
        // Services stop in the reverse of this order: first nothing new arrives, last of all it is counted.
        try await ServiceGroup(
            services: [fold, analytics, ingest], gracefulShutdownSignals: [.sigterm, .sigint], logger: .silent
        ).run()
        withExtendedLifetime(lock) { logger.notice("stopped") }
    }

    private static func status(of error: any Error) -> Int32 {
        switch error {
        case JournalError.inputOutput, StorageError.inputOutput: ExitStatus.inputOutput
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
