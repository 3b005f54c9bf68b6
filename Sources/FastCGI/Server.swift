import CFastCGI
import Daemon
import EventLoop
import Logging

/// A FastCGI responder on an event loop: accepts connections, reads whole requests with libfcgi, hands each to `handler`,
/// and answers with what that replies, at once or later. All of it is on the loop's thread.
public actor Server: LoopActor {
    public typealias Reply = @Sendable (EncodedResponse) -> Void
    /// Gets a request, whose bytes it may look at until it returns, and replies to it once, then or later, on the loop's thread.
    public typealias RequestHandler = @Sendable (Request, @escaping Reply) -> Void

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    public nonisolated let loop: EventLoop
    let limits: ServerLimits
    let logger: Logger
    let peers: PeerPolicy
    let handler: RequestHandler
    let reader = RequestReader()
    let buffer: PeekBuffer

    /// nil once the server has stopped.
    private(set) var listener: ListeningSocket?
    var connections = Connections()
    var idle = IdleConnections()
    /// How often ``closeIdleConnections()`` has run: what idle connections' ages are counted in.
    var idleRound: UInt64 = 0
    var isAccepting = false
    private var lastSerial: UInt64 = 0
    private var drained: [CheckedContinuation<Void, Never>] = []
    var logLimiter = LogLimiter<LogKind>()

    /// What the log lines that a peer can cause are limited by.
    enum LogKind: Hashable {
        case acceptingPaused
        case connectionsFull
        case peerRefused
        case requestRefused(RequestRefusal)
    }

    /// The server takes over `listener` and lives on `loop`, which the caller runs.
    public init(
        loop: EventLoop, listener: consuming ListeningSocket, peers: PeerPolicy, limits: ServerLimits, logger: Logger,
        handler: @escaping RequestHandler
    ) {
        self.loop = loop
        self.listener = consume listener
        self.peers = peers
        self.limits = limits
        self.logger = logger
        self.handler = handler
        buffer = PeekBuffer(byteCount: limits.requestBytesMax + 1)
    }

    /// Prepares libfcgi, once a process. It installs handlers for SIGPIPE, SIGUSR1 and SIGTERM: install yours after it.
    public static func prepareLibrary() throws(SystemError) {
        guard FCGX_Init() == 0 else { throw SystemError("FCGX_Init") }
    }

    /// Begins to accept.
    public func start() throws(SystemError) {
        try resumeAccepting()
        scheduleIdleRound()
    }

    /// Accepts no more, lets requests in hand be answered, and returns when every connection is closed.
    ///
    /// On a new connection a request is in hand as soon as it is accepted, since a web server connects in order to send one. It
    /// sends one again that it had sent on a kept connection as that was closed, and not one on a new connection.
    public func stop() async {
        pauseAccepting()
        listener = nil
        for connection in connections.all {
            switch connection.state {
            case .receiving where connection.requestNumber == 0: break
            case .receiving, .draining: forget(connection)
            case .handling: connection.closesAfterAnswer = true
            }
        }
        guard !connections.isEmpty else { return }
        loop.schedule(afterMilliseconds: limits.lastRequestMilliseconds) {
            self.onLoop { server in
                for connection in server.connections.all where connection.state == .receiving {
                    server.forget(connection)
                }
            }
        }
        await withCheckedContinuation { drained.append($0) }
    }

    var isStopped: Bool { listeningDescriptor == nil }

    /// How many connections are open.
    public var connectionCount: Int { connections.count }

    var listeningDescriptor: CInt? {
        switch listener {
        case .none: nil
        case .some(let listener): listener.descriptor
        }
    }

    func nextID(descriptor: CInt) -> Connection.ID {
        lastSerial += 1
        return Connection.ID(descriptor: descriptor, serial: lastSerial)
    }

    /// Closes a connection, if it is not closed yet, and lets go of it.
    func forget(_ connection: Connection) {
        loop.unwatch(connection.id.descriptor)
        idle.remove(connection)
        connection.close()
        connections.remove(connection)
        resumeAcceptingIfPaused()
        if isStopped, connections.isEmpty {
            drained.forEach { $0.resume() }
            drained = []
        }
    }

    func log(_ kind: LogKind, _ message: String) {
        logLimiter.log(kind, message, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
}

/// How much a ``Server`` takes from its peers.
public struct ServerLimits: Sendable {
    /// Open connections. For one more, the one that has waited longest for a request is closed; while none waits for one,
    /// further connections wait in the listen queue.
    public var connectionsMax: Int
    /// A whole request as it travels: parameters, body, and the framing of both. A longer one ends its connection.
    public var requestBytesMax: Int
    /// A request's body. A longer one is dropped; its request says so, and its connection ends with the answer.
    public var bodyBytesMax: Int
    /// How much of such a body is taken and dropped, so that the web server, which may still be sending it, reads the
    /// answer. What goes on longer is cut off.
    public var drainBytesMax: Int
    /// How long a request may take to arrive, from its first byte to its last.
    public var requestDeadlineMilliseconds: Int
    /// How long a connection may wait for a request; it is closed at most an eighth later. To be longer than the web server
    /// keeps one, so that it is the one that closes: what it sends while the connection is closed here, it sends again.
    public var idleMilliseconds: Int
    /// How long a server that stops waits for what new connections were opened for.
    public var lastRequestMilliseconds: Int

    public init(
        connectionsMax: Int, requestBytesMax: Int, bodyBytesMax: Int, drainBytesMax: Int = 256 * 1024,
        requestDeadlineMilliseconds: Int = 5_000, idleMilliseconds: Int = 75_000, lastRequestMilliseconds: Int = 500
    ) {
        self.connectionsMax = connectionsMax
        self.requestBytesMax = requestBytesMax
        self.bodyBytesMax = bodyBytesMax
        self.drainBytesMax = drainBytesMax
        self.requestDeadlineMilliseconds = requestDeadlineMilliseconds
        self.idleMilliseconds = idleMilliseconds
        self.lastRequestMilliseconds = lastRequestMilliseconds
    }
}
