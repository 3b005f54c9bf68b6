import ArgumentParser
import ConfigurationFile

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration and the keys that it names.",
        discussion: """
            Reads all that the responder reads when it starts, and starts nothing. Every mistake is written to standard \
            error, one a line, as FILE:LINE: MESSAGE, and the exit status is 78. What is allowed but weak, such as a \
            short secret, is a warning, which leaves the exit status alone.

            Run it as the user that the responder runs as, since another may be allowed to read other files:
              sudo -u rule-outcomes rule-outcomes check
            """)

    @OptionGroup var configuration: ConfigurationOptions

    func run() async throws {
        let configuration = try self.configuration.load()
        let check = await ConfigurationCheck(configuration)
        for warning in check.warnings {
            Output.error.write("\(ConfigurationCheck.marked(warning))\n")
        }
        guard check.errors.isEmpty else { throw CommandFailure.configuration(ConfigurationErrors(check.errors)) }
        let names = configuration.sites.keys.sorted()
        let count = names.count == 1 ? "1 site" : "\(names.count) sites"
        Output.standard.write("\(self.configuration.config): fine, \(count): \(names.joined(separator: ", "))\n")
    }
}
