import ArgumentParser
import ConfigurationFile
import Logs

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration, its rules and the keys that it names.",
        discussion: """
            Reads all that the daemons read when they start, and starts nothing. Every mistake is written to standard \
            error, one a line, as FILE:LINE: MESSAGE, and the exit status is 78; keys and rules are looked at once the \
            configuration has none. What is allowed but risky, such as a \
            short secret or one that everybody may read, is written there as FILE:LINE: warning: MESSAGE, and leaves \
            the exit status alone.

            Run it as the user that the responder runs as, since another may be allowed to read other files:
              runuser -u rule-outcomes -- rule-outcomes check
            """)

    @OptionGroup var configuration: ConfigurationOptions

    func run() async throws {
        let configuration = try self.configuration.load()
        let check = ConfigurationCheck(configuration)
        for warning in check.warnings {
            Output.error.write("\(ConfigurationCheck.marked(warning))\n")
        }
        guard check.errors.isEmpty else { throw CommandFailure.configuration(ConfigurationErrors(check.errors)) }
        for line in check.summary(of: configuration, path: self.configuration.config) {
            Output.standard.write("\(line)\n")
        }
    }
}
