import ArgumentParser
import ConfigurationFile
import Credentials
import Logs
import Records

struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Erase visitors.",
        discussion: """
            Reads tracking ids, the values of the cookie blaize_tracking_id, on standard input, one a line, and erases what \
            the aggregator keeps of them: from its store and from its journal, for every rule version. What was counted of \
            them stays counted, as numbers that say nothing of anybody. The ids themselves are kept nowhere, and not shown.

            It needs the subject secret and the aggregator's socket, so run it as the responder's user. It returns when \
            nothing is left in any file, and says on standard error what it is doing or waiting for: a program that reads \
            the files, such as a backup, keeps what was in them until it ends. When this command is ended after it \
            said "erasing", the aggregator goes on. Backups are for you to see to. Who visits again is recorded again, unless nginx excludes \
            them.

            Examples:
              sudo -u rule-outcomes rule-outcomes forget < ids.txt
              echo 3c0a1f2e-8d5b-4c6f-9a7e-112233445566 | sudo -u rule-outcomes rule-outcomes forget --site magazine.example
            """)

    @Option(help: "The site whose visitors they are. Without it they are erased from every site.")
    var site: String?

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.load()
        let sites = try sites(of: configuration)
        let trackingIDs = try TrackingIDInput.read()
        let key = try Self.key(configuration)
        let subjects = sites.flatMap { site in
            trackingIDs.map { key.subject(site: site, trackingID: $0) }
        }
        let client = try ForgettingClient(socket: configuration.aggregator.socket, epoch: key.epoch)
        let count = try client.forget(subjects) { text in
            Output.error.write("\(text.escapedForTerminal)\n")
        }
        Output.standard.write(Self.summary(ids: trackingIDs.count, rules: count) + "\n")
    }

    private func sites(of configuration: Configuration) throws(CommandFailure) -> [String] {
        guard let site else { return configuration.sites.keys.sorted() }
        _ = try ConfigurationOptions.site(site, of: configuration)
        return [site]
    }

    private static func key(_ configuration: Configuration) throws(CommandFailure) -> SubjectKey {
        do {
            return SubjectKey(secret: try SubjectSecret(file: configuration.responder.subjectSecret).bytes)
        } catch {
            throw .configuration(ConfigurationErrors([error]))
        }
    }

    static func summary(ids: Int, rules: Int) -> String {
        let visitors = ids == 1 ? "1 tracking id" : "\(ids) tracking ids"
        guard rules > 0 else { return "\(visitors): nothing was kept" }
        return "\(visitors): erased, \(rules) counting once for each rule version"
    }
}
