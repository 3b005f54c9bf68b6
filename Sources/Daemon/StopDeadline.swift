import Dispatch
import Glibc
import Logging
import ServiceLifecycle

/// Ends the process when stopping takes too long, whatever holds it up: a disk that hangs, a reader that does not read.
///
/// That loses nothing, since a daemon may be killed at any time. Supervisors kill too, but say that the daemon failed.
struct StopDeadline: Service {
    /// Less than the five seconds that are promised.
    static let milliseconds = 4_500

    let logger: Logger

    /// Waits until the process is asked to stop, and returns at once. A daemon that ends by an error is left alone.
    func run() async throws {
        do { try await gracefulShutdown() } catch { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Self.milliseconds)) { [logger] in
            logger.warning("stopped with something still under way, which took longer than \(Self.milliseconds) ms")
            exit(0)
        }
    }
}
