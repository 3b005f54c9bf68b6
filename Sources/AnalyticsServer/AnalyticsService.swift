import Aggregator
import Analytics
import Console
import Hummingbird
import Journal
import Logging
import ServiceLifecycle
import Sockets
import Storage

/// Serves the analytics over HTTP on a Unix socket of its own, for nginx to put behind whatever admits the site's staff.
public struct AnalyticsService<Store: OutcomeStore>: Service {
    private let socket: String
    private let access: UnixSocketAccess
    private let routes: AnalyticsRoutes<Store>
    private let logger: Logger
    private let onServing: @Sendable () -> Void

    /// `onServing` is called once, when it answers.
    public init(
        socket: String, access: UnixSocketAccess, queries: AnalyticsQueries<Store>, status: StatusSource<Store>,
        logger: Logger, onServing: @escaping @Sendable () -> Void = {}
    ) throws {
        // Hummingbird takes over a socket that is in use, and fails late and without a name where it cannot have one. So
        // one is opened here first, which shows that path, permissions and group can be had.
        _ = try ListeningSocket.unix(path: socket, access: access)
        self.socket = socket
        self.access = access
        self.logger = logger
        self.onServing = onServing
        let console = try ConsolePages(queries: queries) { try await status.report() }
        routes = AnalyticsRoutes(queries: queries, status: status, console: console)
    }

    /// Serves until the process is asked to stop. Throws when the socket cannot be had or given its permissions.
    ///
    /// The process's umask has to keep others out (077): Hummingbird binds with it, and the configured permissions follow
    /// once the socket is there.
    public func run() async throws {
        let (failures, failure) = AsyncStream.makeStream(of: SocketFailure.self)
        let application = Application(
            router: routes.router(),
            configuration: .init(address: .unixDomainSocket(path: socket), serverName: nil),
            onServerRunning: { _ in
                do throws(SocketFailure) { try opened() } catch { failure.yield(error) }
            }, logger: Self.quiet(logger))
        defer { UnixSocketPath(socket).remove() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { failure.finish() }
                try await application.run()
            }
            for await failure in failures { throw failure }
            try await tasks.waitForAll()
        }
    }

    private func opened() throws(SocketFailure) {
        try access.apply(to: socket)
        logger.notice("listening for analytics on unix:\(socket)")
        onServing()
    }

    /// Hummingbird tells of every start and stop of its own; this service has told already.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }
}
