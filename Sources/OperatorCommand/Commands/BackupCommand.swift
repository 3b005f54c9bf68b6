import Analytics
import ArgumentParser
import Backup
import ConfigurationFile
import Daemon
import Records

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy what is counted to another directory, while all runs.",
        discussion: """
            Makes a directory in DIR that is called by the time, such as 2026-11-25T02-37-00Z, with a copy of the store, of \
            the journal, and of subject.epoch. It reads the copy as a start of the aggregator would, all of it, and has it on \
            disk; only then does the directory have that name, and are the earliest backups removed. One that fails leaves \
            those that there are. Requests are answered meanwhile, and reports too; an erasure by forget waits, and the files' \
            logs grow by what is recorded until the copy is made.

            DIR is made where it is missing. It has to be outside of the data directory, and nobody else's to write to; better \
            on another disk. Directories are made for this user alone, mode 0700, and files mode 0600: they hold visitors' \
            pseudonyms, of those who are forgotten later, too. Run it as root, or as the aggregator's user.

            What is in /etc/rule-outcomes is not in it, the secrets above all. Without the subject secret every visitor counts \
            anew, so back that directory up as well, and elsewhere: both together tell visitors by their tracking ids.

            Examples:
              rule-outcomes backup /var/backups/rule-outcomes
              rule-outcomes backup --keep 14 /srv/backups/rule-outcomes
            """)

    @Argument(help: ArgumentHelp("Where backups are kept.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("How many backups are kept in DIR, this one among them.", valueName: "count"))
    var keep = 3

    @OptionGroup var options: ConfigurationOptions

    func validate() throws {
        guard keep >= 1 else { throw ValidationError("--keep \(keep): at least 1, which is the backup that is made") }
    }

    func run() async throws {
        let dataDirectory = try options.load().aggregator.dataDirectory
        let backup: Backup
        do {
            let place = try BackupPlace(path: directory, outside: dataDirectory)
            backup = try await Backup.make(
                of: dataDirectory, in: place, keeping: keep, nowMilliseconds: WallClock.nowMilliseconds())
        } catch {
            throw CommandFailure(error).adding("No new backup is there; those that there were are there still")
        }
        let count = (try? backup.removal.get()) ?? 0
        let removed = count == 0 ? "" : "; earlier ones removed: \(count)"
        Output.standard.write(
            """
            \(backup.path.escapedForTerminal): \(backup.contents.summary)\(removed)
            Not in it: the secrets and the configuration in \(configurationDirectory.escapedForTerminal)

            """)
        if case .failure(let error) = backup.removal {
            throw CommandFailure(error).adding("The backup is made; an earlier one is not removed")
        }
    }

    private var configurationDirectory: String {
        options.config.lastIndex(of: "/").map { String(options.config[..<$0]) } ?? "."
    }
}

extension BackupContents {
    /// In one line: how much there is, and up to when.
    var summary: String {
        let size = byteCount >> 20 == 0 ? "\((byteCount + 1023) >> 10) KiB" : "\(byteCount >> 20) MiB"
        guard let lastMilliseconds else { return "verified, \(size), nothing recorded yet" }
        let backlog = lastSequence - countedSequence
        return """
            verified, \(size), up to commit \(lastSequence) of \(Timestamp(milliseconds: lastMilliseconds).text), \
            \(backlog == 0 ? "all" : "all but \(backlog)") counted; the journal has \(records) records in \(commits) commits
            """
    }
}

extension CommandFailure {
    init(_ error: BackupError) {
        self =
            switch error {
            case .unusable, .damaged: .data("\(error)")
            case .noRoom, .inputOutput: .inputOutput("\(error)")
            case .busy: .temporary("\(error)")
            }
    }
}
