import FoundationEssentials
import Glibc
import Logging

/// Writes each event to standard error as one line: time, level, the daemon's name, the message.
struct DaemonLogHandler: LogHandler {
    let name: String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// A message of several lines, such as all mistakes of a configuration, is as many events.
    func log(event: LogEvent) {
        let time = Date.now.formatted(.iso8601)
        let lines = "\(event.message)".split(separator: "\n").map { "\(time) \(event.level) \(name): \($0)\n" }
        var text = lines.joined()
        // One write, so that lines of several threads never mix. A log that cannot be written is nobody's to tell.
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
