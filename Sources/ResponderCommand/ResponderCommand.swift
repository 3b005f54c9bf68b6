import ArgumentParser
import ConfigurationFile
import Daemon
import Logging
import Responder

/// `rule-outcomes-responder`.
public struct ResponderCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "rule-outcomes-responder",
        abstract: "Answers conversion requests that nginx passes over FastCGI.",
        discussion: """
            Logs on standard error. SIGHUP reads the sites and their keys again, without a request that fails; with a \
            mistake in them, those in force stay so. A site whose keys cannot be used answers 503, or goes on with those \
            that it had; the others do not depend on it. On SIGTERM or SIGINT it accepts no more, answers the requests in \
            hand, and ends within five seconds.

            The exit status is 0 after such a stop, and otherwise as sysexits.h has it: 64 for a mistake on the command \
            line, 69 when a socket cannot be had, 78 when the configuration or the subject secret is wrong.
            """,
        version: "rule-outcomes-responder \(Version.current)")

    @Option(help: ArgumentHelp("The configuration.", valueName: "path"))
    var config = Configuration.defaultPath

    public init() {}

    public static func main() async {
        Daemon.begin()
        // The tracking ids of visitors, and keys.
        Daemon.guardMemory(hasSecrets: true)
        do {
            var command = try parseAsRoot()
            if let command = command as? Self { try await command.run() } else { try command.run() }
        } catch {
            Output.end(fullMessage(for: error), status: exitCode(for: error).rawValue)
        }
    }

    public func run() async throws {
        let logger = Logger.daemon("rule-outcomes-responder")
        let hangups = await Hangups()
        let reloads = ReloadCounter()
        let service: ResponderService
        do {
            service = try ResponderService(
                configuration: try Configuration.load(path: config), reloads: reloads, logger: logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(ExitStatus.configuration)
        }
        let reload = ReloadService(on: hangups, counter: reloads, logger: logger) { [config] in
            try service.reload(try Configuration.load(path: config))
        }
        do {
            try await Daemon.run([reload, service], logger: logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(ExitStatus.unavailable)
        }
    }
}
