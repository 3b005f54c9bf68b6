import EventLoop
import Records
import Journal
import Logging
import ServiceLifecycle
import Synchronization

/// Listens for responders and makes durable what they forward, on a thread of its own.
public final class IngestService: Service {
    private let name: String
    private let loop: EventLoop
    private let server: IngestServer
    private let failures: AsyncStream<JournalError>
    private let logger: Logger

    /// Opens the socket at once, so that a start that cannot succeed ends before anything runs.
    ///
    /// `onCommit` is called after every commit.
    public init(
        socket: String, access: UnixSocketAccess, peers: PeerPolicy, recovered: Recovery,
        clock: SoundClock, currentEpoch: CurrentEpoch, inbox: FoldInbox, statistics: AggregatorStatistics,
        pace: CommitPace = CommitPace(), logger: Logger,
        onCommit: @escaping @Sendable () -> Void
    ) throws {
        let listener = try ListeningSocket.unix(path: socket, access: access)
        name = listener.name
        self.logger = logger
        let (failures, continuation) = AsyncStream.makeStream(of: JournalError.self)
        self.failures = failures
        loop = try EventLoop()
        let commit = GroupCommit(
            loop: loop, journal: recovered.journal, window: recovered.window, statistics: statistics, clock: clock,
            pace: pace, logger: logger,
            onCommit: { row in
                inbox.committed(row)
                onCommit()
            }, onFailure: { continuation.yield($0) })
        server = IngestServer(
            loop: loop, listener: listener, peers: peers, commit: commit, clock: clock, currentEpoch: currentEpoch,
            inbox: inbox, statistics: statistics, logger: logger)
    }

    /// Serves until the process is asked to stop; then answers for what has arrived and returns. Throws the journal's
    /// error when that can be used no more. It runs once.
    public func run() async throws {
        try loop.startThread()
        try await server.start()
        logger.notice("listening for responders on \(name)")
        do {
            try await cancelWhenGracefulShutdown { [failures] in
                for await failure in failures { throw failure }
            }
        } catch {
            await stop()
            throw error
        }
        await stop()
    }

    private func stop() async {
        await server.stop()
        await loop.stop()
    }
}
