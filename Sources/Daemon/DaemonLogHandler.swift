import FoundationEssentials
import Glibc
import Logging
import Synchronization

/// Writes each event to standard error as one line, in the form that its reader wants.
struct DaemonLogHandler: LogHandler {
    let name: String
    var form = LogLineForm.plain
    var output = LogOutput.standardError
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Date.now.formatted(.iso8601)
        output.write(lines(of: "\(event.message)", level: event.level, time: time)) { lost in
            lines(of: "\(lost) events could not be logged", level: .warning, time: time)
        }
    }

    /// A message of several lines, such as all mistakes of a configuration, is as many events. Whatever ends a line for
    /// some reader ends one here, so that nothing in a message passes for an event of its own.
    func lines(of message: String, level: Logger.Level, time: String) -> String {
        message.split(whereSeparator: \.isNewline)
            .map { form.line($0, level: level, name: name, time: time) + "\n" }.joined()
    }
}

extension Logger {
    /// A daemon's logger: one line an event on standard error.
    public static func daemon(_ name: String) -> Logger {
        let form = LogLineForm.ofStandardError()
        return Logger(label: name, factory: { DaemonLogHandler(name: $0, form: form) })
    }

    /// For libraries whose news the daemon tells itself.
    public static let silent = Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() })
}

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

/// Standard error, as daemons log on it: whole lines, and never waiting for whoever reads them. A pipe that nobody reads
/// would hold up whoever logs, and with it every request.
final class LogOutput: Sendable {
    private struct State {
        /// What is left of lines whose beginning is written.
        var rest: ArraySlice<UInt8> = []
        /// Events left out because nobody read.
        var lostCount = 0
    }

    static let standardError = LogOutput(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    private let state = Mutex(State())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes the lines of an event; leaves the event out where they cannot be begun now.
    ///
    /// - Parameter lost: the lines that tell of so many events that were left out.
    func write(_ lines: String, lost: (Int) -> String) {
        state.withLock { state in
            state.rest = writeNow(state.rest)
            let text = (state.lostCount > 0 ? lost(state.lostCount) : "") + lines
            guard state.rest.isEmpty, case let bytes = Array(text.utf8)[...], case let rest = writeNow(bytes),
                rest.count < bytes.count
            else {
                state.lostCount += 1
                return
            }
            (state.rest, state.lostCount) = (rest, 0)
        }
    }

    /// Returns what there is no room for. A log that cannot be written is nobody's to tell.
    private func writeNow(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while !rest.isEmpty, hasRoom {
            let piece = Self.piece(of: rest)
            let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                return []
            }
        }
        return rest
    }

    /// As many lines as a pipe takes in one piece, so that those of several processes do not mix; part of one that is longer.
    /// A pipe that has any room has as much.
    private static func piece(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let piece = bytes.prefix(Int(PIPE_BUF))
        guard piece.count < bytes.count, let end = piece.lastIndex(of: UInt8(ascii: "\n")) else { return piece }
        return piece[...end]
    }

    private var hasRoom: Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }
}

/// Keeps a peer from flooding the log: of each kind one line a second at first, and while they keep coming less and less
/// often, down to one a minute. Each says how many were left out before it.
public struct LogLimiter<Kind: Hashable & Sendable>: Sendable {
    private struct Window: Sendable {
        var startMilliseconds: Int64
        /// How long after its start no other line is written.
        var lengthMilliseconds = LogLimiter.lengthMilliseconds.lowerBound
        var suppressed = 0
    }

    private static var lengthMilliseconds: ClosedRange<Int64> { 1000...60_000 }

    /// A kind comes from a closed set of the caller's, so that this does not grow.
    private var windows: [Kind: Window] = [:]

    public init() {}

    /// Whether a line of this kind may be written now: nil when not, otherwise how many were left out since the last.
    mutating func admit(_ kind: Kind, nowMilliseconds: Int64) -> Int? {
        guard let window = windows[kind] else {
            windows[kind] = Window(startMilliseconds: nowMilliseconds)
            return 0
        }
        let elapsed = nowMilliseconds - window.startMilliseconds
        guard elapsed >= window.lengthMilliseconds else {
            windows[kind]?.suppressed += 1
            return nil
        }
        let keepsComing = elapsed < 2 * window.lengthMilliseconds
        let length = keepsComing ? 2 * window.lengthMilliseconds : Self.lengthMilliseconds.lowerBound
        windows[kind] = Window(
            startMilliseconds: nowMilliseconds, lengthMilliseconds: min(length, Self.lengthMilliseconds.upperBound))
        return window.suppressed
    }

    /// Logs `message` if a line of this kind may be written now.
    public mutating func log(
        _ kind: Kind, _ message: @autoclosure () -> String, level: Logger.Level = .warning, to logger: Logger,
        nowMilliseconds: Int64
    ) {
        guard let suppressed = admit(kind, nowMilliseconds: nowMilliseconds) else { return }
        let note = suppressed > 0 ? " (\(suppressed) more like it since the last such line)" : ""
        logger.log(level: level, "\(message())\(note)")
    }
}
