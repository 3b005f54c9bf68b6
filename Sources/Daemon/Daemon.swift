import CLinux
import Dispatch
import EventLoop
import Glibc
import Logging
import ServiceLifecycle

/// A process that runs until it is told to stop.
public enum Daemon {
    /// What a process does first of all, so that no signal ends it as if it had failed: one that is told to stop while it
    /// starts ends with status 0, since nothing has begun, and SIGHUP finds a configuration that is just being read.
    public static func begin() {
        signal(SIGHUP, SIG_IGN)
        // Whoever reads the log may go away.
        signal(SIGPIPE, SIG_IGN)
        // A file that reaches the largest size allowed is a failed write, which is answered for.
        signal(SIGXFSZ, SIG_IGN)
        for each in [SIGTERM, SIGINT] { signal(each) { _ in _exit(0) } }
    }

    /// Keeps this process's memory from files that outlast it, which nobody erases from: where it fails, no core is written.
    ///
    /// - Parameter hasSecrets: whether that memory is to be closed to other processes of the same user, too. A program that
    ///   takes cores from the kernel by a pipe gets none then either. Only root can look into such a process with `strace`.
    public static func guardMemory(hasSecrets: Bool) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        if hasSecrets { linux_close_memory() }
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

/// Ends the process when stopping takes too long, whatever holds it up: a disk that hangs, a reader that does not read.
///
/// That loses nothing, since a daemon may be killed at any time. Supervisors kill too, but only after a while, and say that
/// the daemon failed.
private struct StopDeadline: Service {
    /// Less than the five seconds that are promised.
    private static let milliseconds = 4_500
    /// How long before the end it is logged. The log may be what holds everything up, so the end does not wait for it.
    private static let warningMilliseconds = 200

    let logger: Logger

    /// Waits until the process is asked to stop, or one of its services has failed, and returns at once.
    func run() async throws {
        do {
            try await gracefulShutdown()
            begin(status: 0)
        } catch {
            begin(status: ExitStatus.software)
        }
    }

    private func begin(status: Int32) {
        let end = DispatchTime.now() + .milliseconds(Self.milliseconds)
        DispatchQueue.global().asyncAfter(deadline: end - .milliseconds(Self.warningMilliseconds)) { [logger] in
            logger.warning("stopped with something still under way, which took longer than \(Self.milliseconds) ms")
        }
        // A queue of its own, whose thread nothing else can hold up.
        DispatchQueue(label: "stop").asyncAfter(deadline: end) { _exit(status) }
    }
}

/// Whoever started the daemon and wants to know how it is doing: systemd, for a unit of `Type=notify`.
///
/// Source: sd_notify(3).
public enum Supervisor {
    /// Tells that the daemon serves. Where nobody wants to know, nothing happens.
    public static func tellReady() {
        tell("READY=1")
    }

    /// Tells that the start takes so much longer from now on. Where nobody wants to know, nothing happens.
    public static func tellStarting(forMilliseconds milliseconds: Int) {
        tell("EXTEND_TIMEOUT_USEC=\(milliseconds * 1000)")
    }

    private static func tell(_ text: String) {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !path.isEmpty else { return }
        // A supervisor that cannot be told stops waiting by itself, and says so.
        try? UnixSocketPath(path).sendDatagram(Array(text.utf8))
    }
}

/// What libdispatch writes to the system's log by itself.
public enum DispatchLog {
    /// Ends it. It says of every process of an ordinary user that its threads may not have a higher priority, which
    /// nobody has asked for.
    ///
    /// libdispatch looks at its environment once, when it is first used: call this first of all, before anything is awaited.
    public static func silence() {
        setenv("LIBDISPATCH_LOG", "NO", 1)
    }
}

/// The version of this project's programs.
public enum Version {
    public static let current = "0.1.0"
}
