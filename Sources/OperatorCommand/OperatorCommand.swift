import ArgumentParser
import ConfigurationFile
import Daemon
import Glibc

/// `rule-outcomes`, the operator's tool.
public struct OperatorCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "rule-outcomes",
        abstract: "Reads what rule-outcomes has counted, and checks and tries out an installation.",
        discussion: """
            report, compare, rules and status ask the aggregator over its analytics socket, so they need to be run by a user \
            who may open that socket. check and token read the configuration and the keys that it names, and start nothing. \
            simulate sends known traffic through nginx and compares what was counted with what was sent. forget erases \
            visitors; hide and delete take rule versions and outcomes out of what is read, or out of what is counted; \
            recount makes the store again. backup and restore copy the aggregator's files, and need to be run by root or its \
            user. fetch-keys asks identity providers for their keys.

            The exit status is 0 when all went well, 1 when simulate found a difference, or delete or recount was not \
            confirmed, and otherwise as sysexits.h has it, but for `status --check` and `doctor`, which say theirs: 64 for \
            a mistake on the command line, 65 for a site or rule version that there is not, or an export, backup or directory \
            that cannot be used, 69 when the aggregator, nginx or an identity provider's keys cannot be had, 74 when the output, \
            a backup or another file cannot be written, 75 when another backup or the aggregator has to end first, 78 when \
            the configuration or a key is wrong. Whoever reads the output may stop before its end: then it ends by SIGPIPE, \
            which a shell shows as 141.
            """,
        version: "rule-outcomes \(Version.current)",
        subcommands: [
            ReportCommand.self, CompareCommand.self, RulesCommand.self, StatusCommand.self, PlanCommand.self,
            CheckCommand.self, DoctorCommand.self, TokenCommand.self, FetchKeysCommand.self, NotifyCommand.self,
            SimulateCommand.self, ForgetCommand.self, HideCommand.self,
            DeleteCommand.self, RecountCommand.self, BackupCommand.self, RestoreCommand.self,
        ])

    public init() {}

    /// Runs what the command line asks for, and ends with the status that a failure names.
    public static func main() async {
        // `Output` decides what a reader that is gone means: for standard error, nothing.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try await asyncParseAsRoot(CommandWords(Array(CommandLine.arguments.dropFirst())).ordered)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Output.end(failure.text, status: failure.status)
        } catch {
            let words = CommandWords(Array(CommandLine.arguments.dropFirst()))
            let status = exitCode(for: error).rawValue
            let hint = status == 0 ? nil : words.subcommandMeant.map { "\nDid you mean `rule-outcomes \($0)`?" }
            Output.end(fullMessage(for: error) + (hint ?? ""), status: status)
        }
    }
}

/// What stands on the command line behind the program's name.
struct CommandWords {
    private static let names =
        OperatorCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]

    private let front: ArraySlice<String>
    private let rest: ArraySlice<String>

    init(_ words: [String]) {
        var rest = words[...]
        while let word = rest.first {
            if word.hasPrefix("--config=") {
                rest = rest.dropFirst()
            } else if word == "--config", rest.count > 1 {
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        front = words[..<rest.startIndex]
        self.rest = rest
    }

    /// With the configuration behind the subcommand, which is where every one takes it, though people write it in front.
    var ordered: [String] { Array(rest.prefix(1)) + Array(front) + Array(rest.dropFirst()) }

    /// The subcommand that was meant, where none is called what stands there.
    var subcommandMeant: String? {
        guard let word = rest.first, !word.hasPrefix("-"), !Self.names.contains(word) else { return nil }
        return Suggestion.nearest(to: word, among: Self.names)
    }
}

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

    /// The same with more on its last line.
    func continued(_ text: String) -> CommandFailure {
        CommandFailure(status, self.text + text)
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

    /// Reading or writing a file failed.
    static func inputOutput(_ message: String) -> CommandFailure {
        CommandFailure(ExitStatus.inputOutput, "Error: \(message)")
    }

    /// Somebody else is at it, and will end.
    static func temporary(_ message: String) -> CommandFailure {
        CommandFailure(ExitStatus.temporary, "Error: \(message)")
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
