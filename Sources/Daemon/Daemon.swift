import Logging
import Logs
import ServiceLifecycle

/// A process that runs until it is told to stop.
public enum Daemon {
    /// Runs `services` until SIGTERM or SIGINT, then stops them one after the other, the last one first. Throws what one
    /// of them throws.
    ///
    /// Returns, or ends the process with status 0, within five seconds of the signal.
    public static func run(_ services: [any Service], logger: Logger) async throws {
        try await ServiceGroup(
            services: services + [StopDeadline(logger: logger)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: .silent
        ).run()
    }
}
