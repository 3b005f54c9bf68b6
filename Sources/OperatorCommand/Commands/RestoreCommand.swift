import Analytics
import ArgumentParser
import Backup
import ConfigurationFile
import Credentials
import Daemon
import Records

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of what is counted.",
        discussion: """
            DIR is a backup that rule-outcomes backup has made, or where it keeps them: then the latest is taken. No aggregator \
            may run on the data directory. The backup is copied there and read as a start of the aggregator would, all of it; \
            where anything is wrong with it nothing has changed. Then the files that were there are moved to a directory \
            replaced-TIME in the data directory, and the copies get their names, with the owner that the data directory has. \
            What was recorded after the backup is in the files that were moved, and cannot be added again.

            It ends by saying up to when the backup goes and what comes next, such as a start with --trust-clock where the \
            backup is from more than 31 days ago. Where it may read the subject secret, it says whether that is the one which \
            the backup was counted under. The directory replaced-TIME can be restored in the same way; delete it when all is well.

            Run it as root, or as the aggregator's user.

            Examples:
              rule-outcomes restore /var/backups/rule-outcomes
              rule-outcomes restore \\
                /var/backups/rule-outcomes/2026-11-25T02-37-00Z
            """)

    @Argument(help: ArgumentHelp("A backup, or where backups are kept.", valueName: "dir"), completion: .directory)
    var directory: String

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.load()
        let now = WallClock.nowMilliseconds()
        let restoration: Restoration
        do {
            restoration = try await Restoration.make(
                from: directory, into: configuration.aggregator.dataDirectory, nowMilliseconds: now)
        } catch {
            throw CommandFailure(error)
        }
        if let fault = Self.fault(of: configuration, for: restoration) {
            Output.error.write("\(ConfigurationCheck.marked(fault))\n")
        }
        for line in Self.lines(restoration, nowMilliseconds: now) {
            Output.standard.write("\(line.escapedForTerminal)\n")
        }
    }

    private static func fault(of configuration: Configuration, for restoration: Restoration) -> ConfigurationError? {
        let file = configuration.responder.subjectSecret
        guard let secret = try? SubjectSecret(file: file) else { return nil }
        return secret.fault(countingUnder: restoration.contents.epoch, file: file)
    }

    /// What was done, and what comes next.
    static func lines(_ restoration: Restoration, nowMilliseconds: Int64) -> [String] {
        var lines = ["restored \(restoration.source): \(restoration.contents.summary)"]
        if let replaced = restoration.replaced {
            lines.append("what was there before is in \(replaced); delete it when all is well")
        }
        if restoration.needsTrust(inClockAt: nowMilliseconds), let last = restoration.contents.lastMilliseconds {
            let distance = StatusReport.distance(milliseconds: nowMilliseconds - last)
            lines += [
                "this machine's clock is \(distance) its last commit, which an aggregator would not believe. If the clock is right, "
                    + "start it once by hand, and end it by Ctrl-C when it serves:",
                "  runuser -u \(restoration.owner) -- rule-outcomes-aggregator --trust-clock",
            ]
        }
        return lines + ["next: systemctl start rule-outcomes-aggregator, then look at a report"]
    }
}
