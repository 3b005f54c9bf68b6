import ArgumentParser
import ConfigurationFile
import Logging
import Logs
import Responder
import ServiceLifecycle

@main
struct ResponderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule-outcomes-responder",
        abstract: "Answers conversion requests that nginx passes over FastCGI.",
        discussion: "Stops on SIGTERM or SIGINT once the requests in hand are answered.",
        version: Version.current)

    @Option(help: "The configuration.")
    var config = Configuration.defaultPath

    func run() async throws {
        let logger = Logger.daemon("rule-outcomes-responder")
        let service: ResponderService
        do {
            service = try await ResponderService(configuration: try Configuration.load(path: config), logger: logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(ExitStatus.configuration)
        }
        do {
            try await ServiceGroup(
                services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: .silent
            ).run()
        } catch {
            logger.critical("\(error)")
            throw ExitCode(ExitStatus.unavailable)
        }
    }
}
