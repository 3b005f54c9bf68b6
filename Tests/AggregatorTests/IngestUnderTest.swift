import Journal
import Records
import SQLiteStorage
import ServiceLifecycle
import EventLoop
import TestSupport

@testable import Aggregator

/// An ingest service on a socket and a journal in a directory of its own.
struct IngestUnderTest: Sendable {
    let directory: TemporaryDirectory
    let journal: Journal
    let inbox = FoldInbox()
    let statistics = AggregatorStatistics()
    let log = LogRecorder()
    private let group: ServiceGroup

    /// Opens the socket. `onCommit` is called on the loop's thread, after a commit and before its answers.
    init(
        allowedPeers: [String] = [], pagesMax: Int? = nil, clock: SoundClock = SoundClock(),
        epochs: [SubjectEpoch] = [], mayChange: Bool = false, pace: CommitPace = CommitPace(),
        onCommit: @escaping @Sendable () -> Void = {}
    ) async throws {
        let directory = try TemporaryDirectory()
        let journal = try Journal(path: directory.journal, pagesMax: pagesMax)
        let store = try SQLiteOutcomeStore(path: directory.store)
        let currentEpoch = try CurrentEpoch(
            path: directory.path + "/subject.epoch", stored: epochs, mayChange: mayChange, logger: log.logger)
        let service = try IngestService(
            socket: directory.socket, access: UnixSocketAccess(mode: 0o660, group: nil),
            peers: try PeerPolicy(allowing: allowedPeers),
            recovered: try await Recovery(journal: journal, store: store, storePath: directory.store),
            clock: clock, currentEpoch: currentEpoch, inbox: inbox, statistics: statistics, pace: pace,
            logger: log.logger, onCommit: onCommit)
        self.directory = directory
        self.journal = journal
        group = ServiceGroup(services: [service], logger: LogRecorder().logger)
    }

    /// Serves while `body` runs, then stops, and throws what either of them does.
    func serve(_ body: (IngestUnderTest) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
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

    /// What the directory's file says.
    func currentEpoch() throws -> CurrentEpoch {
        try CurrentEpoch(path: directory.path + "/subject.epoch", stored: [], logger: log.logger)
    }

    func connect() throws -> ResponderClient {
        try ResponderClient(path: directory.socket)
    }

    func greet() async throws -> ResponderClient {
        try await ResponderClient.greeted(path: directory.socket)
    }
}
