import FoundationEssentials
import Glibc
import Logging
import Synchronization

/// Writes each event to standard error as one line, in the form that its reader wants.
struct DaemonLogHandler: LogHandler {
    let name: String
    var form = LogLineForm.plain
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Date.now.formatted(.iso8601)
        var text = lines(of: "\(event.message)", level: event.level, time: time)
        guard Self.isWritable else {
            Self.lostCount.add(1, ordering: .relaxed)
            return
        }
        let lost = Self.lostCount.exchange(0, ordering: .relaxed)
        if lost > 0 { text = lines(of: "\(lost) events could not be logged", level: .warning, time: time) + text }
        // One write, so that lines of several threads never mix. A log that cannot be written is nobody's to tell.
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Events left out because nobody read the log.
    private static let lostCount = Atomic<Int>(0)

    /// Whether standard error takes a line now. A pipe that nobody reads would hold up whoever logs, and with it every
    /// request.
    private static var isWritable: Bool {
        var descriptor = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// A message of several lines, such as all mistakes of a configuration, is as many events. Whatever ends a line for
    /// some reader ends one here, so that nothing in a message passes for an event of its own.
    func lines(of message: String, level: Logger.Level, time: String) -> String {
        message.split(whereSeparator: \.isNewline)
            .map { form.line($0, level: level, name: name, time: time) + "\n" }.joined()
    }
}
