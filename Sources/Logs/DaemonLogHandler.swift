import FoundationEssentials
import Logging

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
