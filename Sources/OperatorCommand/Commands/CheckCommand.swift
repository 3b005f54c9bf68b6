import Aggregator
import Analytics
import ArgumentParser
import ConfigurationFile
import Credentials
import Daemon
import Glibc
import Records

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

            Run it as the user that the responder runs as, since another may be allowed to read other files, in an \
            installation from source:
              runuser -u rule-outcomes -- rule-outcomes check

            Where this user may also read the data directory, it says whether the subject secret is the one that visitors are             counted under, and of another how it differs, where that is a newline or the like. With another the aggregator             refuses the responder, which answers 503.

            Of the files that `notify` names it looks at those that this user may read.

            With --daemon it looks at no more than that daemon reads: the aggregator reads no key, and the responder \
            no rules.
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "Check only what this daemon reads.")
    var daemon: DaemonKind?

    func run() async throws {
        let configuration = try self.configuration.load()
        var check = ConfigurationCheck(configuration, readBy: daemon.map { [$0] } ?? DaemonKind.allCases)
        if daemon == nil { check.readWebhook(of: configuration) }
        for warning in check.warnings {
            Output.error.write("\(ConfigurationCheck.marked(warning))\n")
        }
        guard check.errors.isEmpty else { throw CommandFailure.configuration(ConfigurationErrors(check.errors)) }
        for line in check.summary(of: configuration, path: self.configuration.config) {
            Output.standard.write("\(line)\n")
        }
    }
}

enum DaemonKind: String, CaseIterable, ExpressibleByArgument {
    case aggregator, responder
}

/// What is wrong with the files that a configuration names, read as the daemons read them, and what is risky in any.
struct ConfigurationCheck {
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationError]
    /// What the configuration's file of rules declares; nil when it names none, or one with mistakes.
    private(set) var rules: Rules?

    /// - Parameter daemons: those whose files are looked at.
    init(_ configuration: Configuration, readBy daemons: [DaemonKind] = DaemonKind.allCases) {
        warnings = configuration.warnings
        if daemons.contains(.responder) { readKeys(of: configuration) }
        if daemons.contains(.aggregator) {
            readRules(of: configuration)
            lookUpTimeZones(of: configuration)
        }
        errors = errors.inOrder
        warnings = warnings.inOrder
    }

    private mutating func readKeys(of configuration: Configuration) {
        do throws(ConfigurationError) {
            let secret = try SubjectSecret(file: configuration.responder.subjectSecret)
            warnings += secret.warnings
            let mark = try? EpochFile(dataDirectory: configuration.aggregator.dataDirectory).read()
            if let fault = secret.fault(countingUnder: mark?.epoch, file: configuration.responder.subjectSecret) {
                errors.append(fault)
            }
        } catch {
            errors.append(error)
        }
        for (name, site) in configuration.sites {
            do throws(ConfigurationErrors) {
                warnings += try SiteCredentials(site: site).warnings
            } catch {
                errors += error.ofSite(name).errors
            }
        }
    }

    private mutating func lookUpTimeZones(of configuration: Configuration) {
        for (name, site) in configuration.sites {
            guard let zone = site.timeZone, (try? Zone(zone)) == nil else { continue }
            let message =
                "`sites.\(name).timeZone` is '\(zone.escapedForTerminal)', which the tz database in \(Zone.directory) does not have, so the console "
                + "goes by UTC: take a name such as Europe/Berlin, or install tzdata"
            warnings.append(
                ConfigurationError(
                    file: configuration.responder.subjectSecret.configurationFile, line: nil, message: message))
        }
    }

    /// Those that this user may read: they are for whoever tells of tests, which neither daemon does.
    mutating func readWebhook(of configuration: Configuration) {
        guard let webhook = configuration.notify?.webhook else { return }
        for file in [webhook.url, webhook.secret] where access(file.path, R_OK) == 0 || errno != EACCES {
            do throws(ConfigurationError) {
                if file == webhook.url {
                    _ = try NoticeWebhook.url(in: file)
                } else {
                    _ = try NoticeWebhook.secret(in: file)
                }
                warnings += file.permissionWarnings(holdsSecret: true)
            } catch {
                errors.append(error)
            }
        }
        errors = errors.inOrder
        warnings = warnings.inOrder
    }

    private mutating func readRules(of configuration: Configuration) {
        guard let path = configuration.rules else { return }
        do throws(ConfigurationErrors) {
            let rules = try Rules.load(path: path, sites: Set(configuration.sites.keys))
            warnings += rules.warnings(sites: configuration.sites, file: path)
            self.rules = rules
        } catch {
            errors += error.errors
        }
    }

    /// A warning as compilers put it.
    static func marked(_ warning: ConfigurationError) -> ConfigurationError {
        var marked = warning
        marked.message = "warning: \(warning.message)"
        return marked
    }

    /// One line for each file that is fine, for whoever asked; `configuration` was read from `path`.
    func summary(of configuration: Configuration, path: String) -> [String] {
        let names = configuration.sites.keys.sorted()
        let count = names.count == 1 ? "1 site" : "\(names.count) sites"
        var lines = ["\(path): fine, \(count): \(names.joined(separator: ", "))"]
        if let rules, let path = configuration.rules {
            lines.append("\(path): fine, \(rules.count == 1 ? "1 rule" : "\(rules.count) rules") declared")
        }
        return lines
    }
}

extension SubjectSecret {
    /// What is wrong with a secret that visitors were not counted under, and how to put it right; nil where nothing is known of
    /// another.
    func fault(countingUnder epoch: SubjectEpoch?, file: KeyFile) -> ConfigurationError? {
        guard let epoch, epoch != self.epoch else { return nil }
        let difference =
            difference(from: epoch).map { "\($0): put that back" }
            ?? "Put back the file that was there, from the backup of the configuration, byte for byte"
        return ConfigurationError(
            file: file.configurationFile, line: file.line,
            message:
                "the key file \(file.path) holds another subject secret than the one that visitors are counted under. "
                + "\(difference). With this one every visitor would be a new one, so the aggregator refuses the responder; if "
                + "that is meant, start the aggregator once with --new-subject-secret")
    }
}
