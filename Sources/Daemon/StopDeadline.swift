import Dispatch
import Glibc
import Logging
import Logs
import ServiceLifecycle

/// Ends the process when stopping takes too long, whatever holds it up: a disk that hangs, a reader that does not read.
///
/// That loses nothing, since a daemon may be killed at any time. Supervisors kill too, but only after a while, and say that
/// the daemon failed.
struct StopDeadline: Service {
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
