import Glibc
import Sockets

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
