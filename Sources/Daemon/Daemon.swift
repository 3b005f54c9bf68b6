import Glibc
import Logging
import Logs
import ServiceLifecycle

/// A process that runs until it is told to stop.
public enum Daemon {
    /// What a process does first of all, so that no signal ends it as if it had failed: one that is told to stop while it
    /// starts ends with status 0, since nothing has begun, and SIGHUP finds a configuration that is just being read.
    public static func begin() {
        DispatchLog.silence()
        signal(SIGHUP, SIG_IGN)
        // Whoever reads the log may go away.
        signal(SIGPIPE, SIG_IGN)
        // A file that reaches the largest size allowed is a failed write, which is answered for.
        signal(SIGXFSZ, SIG_IGN)
        for each in [SIGTERM, SIGINT] { signal(each) { _ in _exit(0) } }
    }

    /// Runs `services` until SIGTERM or SIGINT, then stops them one after the other, the last one first. Throws what one
    /// of them throws.
    ///
    /// Returns, or ends the process with status 0, within five seconds of the signal. Where the others do not end within
    /// that time after one has failed, the process ends with `ExitStatus.software`.
    public static func run(_ services: [any Service], logger: Logger) async throws {
        try await ServiceGroup(
            services: services + [StopDeadline(logger: logger)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: .silent
        ).run()
    }
}
