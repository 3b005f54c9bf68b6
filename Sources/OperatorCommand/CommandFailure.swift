import ConfigurationFile
import Logs

/// Why a command ends without having done what it was asked for.
struct CommandFailure: Error, Equatable {
    /// What the process ends with.
    let status: Int32
    /// What is said on standard error, without the newline at its end.
    let text: String

    private init(_ status: Int32, _ text: String) {
        self.status = status
        self.text = text
    }

    /// The same with another line.
    func adding(_ line: String) -> CommandFailure {
        CommandFailure(status, "\(text)\n\(line)")
    }

    /// The command did its work, and the result is not the one that was hoped for.
    static func negative(_ message: String) -> CommandFailure {
        CommandFailure(1, "Error: \(message)")
    }

    /// What was asked for does not exist or cannot be used.
    static func data(_ message: String) -> CommandFailure {
        CommandFailure(ExitStatus.dataError, "Error: \(message)")
    }

    /// The aggregator or nginx cannot be reached, or not now.
    static func unavailable(_ message: String) -> CommandFailure {
        CommandFailure(ExitStatus.unavailable, "Error: \(message)")
    }

    /// The configuration does not provide for what was asked.
    static func configuration(_ message: String) -> CommandFailure {
        CommandFailure(ExitStatus.configuration, "Error: \(message)")
    }

    /// Mistakes that have a place of their own stand as compilers put them, one a line.
    static func configuration(_ errors: ConfigurationErrors) -> CommandFailure {
        CommandFailure(ExitStatus.configuration, errors.description)
    }
}
