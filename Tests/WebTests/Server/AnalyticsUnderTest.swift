import Aggregator
import Analytics
import ConfigurationFile
import Daemon
import EventLoop
import Journal
import Records
import SQLiteStorage
import ServiceLifecycle
import Storage
import TestSupport

@testable import Web

/// The analytics of a real store, on a real socket.
struct AnalyticsUnderTest: Sendable {
    /// Of which records exist, and what the tests ask for.
    static let (site, rule, outcome) = ("default", "article 22/ü#1,+&=?%", "graph/1#1,graph/1#2")

    let directory: TemporaryDirectory
    let log = LogRecorder()
    let statistics = AggregatorStatistics()
    let queries: AnalyticsQueries
    let status: StatusSource
    private let group: ServiceGroup

    init(access: UnixSocketAccess = UnixSocketAccess(mode: 0o640, group: nil)) async throws {
        let directory = try TemporaryDirectory()
        let journal = try Journal(path: directory.journal)
        let store = try SQLiteOutcomeStore(path: directory.store)
        try await Self.fill(store)
        try journal.append(batch: [1], recordCount: 1, nowMilliseconds: WallClock.nowMilliseconds())
        queries = AnalyticsQueries(
            store: store,
            catalogue: Catalogue(
                sites: ["default": SiteConfiguration(origins: .any), "empty": SiteConfiguration(origins: .any)]),
            nowMilliseconds: { 1_700_000_000_125 })
        status = StatusSource(
            journal: journal, store: store, limits: DimensionLimits(),
            progress: FoldProgress(journal.start, clock: SoundClock()),
            statistics: statistics, clock: SoundClock(), reloads: ReloadCounter())
        let service = try AnalyticsService(
            socket: directory.socket, access: access, queries: queries, status: status, logger: log.logger)
        self.directory = directory
        group = ServiceGroup(services: [service], logger: LogRecorder().logger)
    }

    /// Serves while `body` runs, then stops, and throws what either of them does.
    func serve(_ body: (AnalyticsUnderTest) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { log.end() }
                try await group.run()
            }
            for await line in log.stream where line.contains("listening for analytics") { break }
            do {
                try await body(self)
            } catch {
                await stop()
                try await tasks.waitForAll()
                throw error
            }
            await stop()
            try await tasks.waitForAll()
        }
    }

    /// Asks the service to stop, and does not wait for it.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// The answer to a request on a connection of its own.
    func answer(_ target: String, method: String = "GET", headers: [String] = []) async throws -> HTTPAnswer {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        let connection = try HTTPConnection(path: directory.socket)
        try connection.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return try HTTPAnswer(try await connection.receiveToEnd())
    }

    private static func fill(_ store: SQLiteOutcomeStore) async throws {
        let records = [(1, "REGISTERED"), (1, "REGISTERED"), (2, "REGISTERED"), (2, "CUSTOMER")].map {
            (subject: UInt128, name: String) in
            Record(
                id: RecordID.random(), timeMilliseconds: 1_700_000_000_125, subject: Subject(subject), site: site,
                event: .conversion(Conversion(ruleID: rule, outcomeID: outcome, name: name)))
        }
        try await store.fold(records, advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
    }
}

extension TemporaryDirectory {
    var journal: String { path + "/journal.sqlite" }
    var store: String { path + "/store.sqlite" }
    var socket: String { path + "/analytics.sock" }
}
