import FoundationEssentials
import Glibc
import Logging

/// How a line of the log is written, by who reads it.
enum LogLineForm: Equatable {
    /// For files and terminals: time, level, the daemon's name, the message.
    case plain
    /// For systemd's journal: the level as syslog numbers it, in angle brackets, and the message (sd-daemon(3)). The
    /// journal itself notes time and name.
    case journal

    /// What standard error is connected to. systemd says in `JOURNAL_STREAM` which file its journal is, by device and
    /// inode, so that a log that was redirected since is not taken for it (systemd.exec(5)).
    static func ofStandardError() -> LogLineForm {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return .plain }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)" ? .journal : .plain
    }

    /// One line, without its end.
    func line(_ message: some StringProtocol, level: Logger.Level, name: String, time: String) -> String {
        switch self {
        case .plain: "\(time) \(level) \(name): \(message)"
        case .journal: "<\(level.syslogPriority)>\(message)"
        }
    }
}

extension Logger.Level {
    /// The priority that syslog gives it (syslog(3)).
    fileprivate var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
