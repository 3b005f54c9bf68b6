import Aggregator
import Analytics
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

    public init(
        socket: String, access: UnixSocketAccess, queries: AnalyticsQueries<Store>, status: StatusSource, logger: Logger
    ) throws(SocketFailure) {
        // Hummingbird takes over a socket that is in use.
        try UnixSocketPath(socket).clear()
        self.socket = socket
        self.access = access
        self.logger = logger
        routes = AnalyticsRoutes(queries: queries, status: status)
    }

    /// Serves until the process is asked to stop. The process's umask has to keep others out (077): Hummingbird binds
    /// with it, and the configured permissions follow once the socket is there.
    public func run() async throws {
        let application = Application(
            router: routes.router(),
            configuration: .init(address: .unixDomainSocket(path: socket), serverName: nil),
            onServerRunning: { _ in opened() }, logger: Self.quiet(logger))
        try await application.run()
        UnixSocketPath(socket).remove()
    }

    private func opened() {
        do {
            try access.apply(to: socket)
            logger.notice("listening for analytics on unix:\(socket)")
        } catch {
            logger.error("\(error)")
        }
    }

    /// Hummingbird tells of every start and stop of its own; this service has told already.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }
}
