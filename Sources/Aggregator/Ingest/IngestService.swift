import CLinux
import ForwardProtocol
import Journal
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Sockets
import Synchronization

/// Listens for responders and makes durable what they forward.
public final class IngestService: Service {
    private let listener: Mutex<ListeningSocket?>
    private let name: String
    private let socketPath: String
    private let peers: PeerPolicy
    private let commit: GroupCommit
    private let clock: SoundClock
    private let currentEpoch: CurrentEpoch
    private let inbox: FoldInbox
    private let statistics: AggregatorStatistics
    private let failures: AsyncStream<JournalError>
    private let logger: Logger
    private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// Opens the socket at once, so that a start that cannot succeed ends before anything runs.
    ///
    /// `onCommit` is called after every commit.
    public init(
        socket: String, access: UnixSocketAccess, peers: PeerPolicy, recovered: Recovery,
        clock: SoundClock, currentEpoch: CurrentEpoch, inbox: FoldInbox, statistics: AggregatorStatistics,
        logger: Logger,
        onCommit: @escaping @Sendable () -> Void
    ) throws(SocketFailure) {
        let listener = try ListeningSocket.unix(path: socket, access: access)
        name = listener.name
        socketPath = socket
        self.listener = Mutex(consume listener)
        self.peers = peers
        self.clock = clock
        self.currentEpoch = currentEpoch
        self.inbox = inbox
        self.statistics = statistics
        self.logger = logger
        let (failures, continuation) = AsyncStream.makeStream(of: JournalError.self)
        self.failures = failures
        commit = GroupCommit(
            journal: recovered.journal, window: recovered.window, statistics: statistics, clock: clock, logger: logger,
            onCommit: onCommit, onFailure: { continuation.yield($0) })
    }

    /// Serves until the process is asked to stop; then answers for what has arrived and returns. Throws the journal's
    /// error when that can be used no more.
    public func run() async throws {
        let server = try await bootstrap()
        logger.notice("listening for responders on \(name)")
        do {
            try await cancelWhenGracefulShutdown { [failures] in
                for await failure in failures { throw failure }
            }
        } catch {
            await stop(server)
            throw error
        }
        await stop(server)
    }

    /// Lets nobody in any more, waits for the journal, and closes every connection.
    private func stop(_ server: any Channel) async {
        try? await server.close()
        await commit.drain()
        for connection in connections.withLock({ Array($0.values) }) {
            try? await connection.close()
        }
        UnixSocketPath(socketPath).remove()
    }

    private func bootstrap() async throws -> any Channel {
        let taken = listener.withLock { listener -> CInt? in
            guard let listening = listener.take() else { return nil }
            return listening.release()
        }
        guard let descriptor = taken else { throw SocketFailure("\(name): the service has run already") }
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in self.accept(channel) }
            .withBoundSocket(descriptor).get()
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let credentials: EventLoopFuture<linux_peer_credentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: CInt(SO_PEERCRED)))
        return credentials.flatMapThrowing { credentials in
            guard self.peers.admits(user: credentials.uid) else {
                self.statistics.log(
                    "peer", "a connection is refused: its peer runs as a user that allowedPeers does not name",
                    to: self.logger)
                throw ChannelError.operationUnsupported
            }
            self.remember(channel)
            try channel.pipeline.syncOperations.addHandler(
                IngestHandler(
                    commit: self.commit, clock: self.clock, currentEpoch: self.currentEpoch, inbox: self.inbox,
                    statistics: self.statistics, logger: self.logger, peerProcessID: credentials.pid))
        }
    }

    private func remember(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        connections.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in self.connections.withLock { $0[id] = nil } }
    }
}
