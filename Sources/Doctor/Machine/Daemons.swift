import ConfigurationFile

/// A kind of daemon, what of it runs, and as whom.
struct Daemons {
    enum Kind: String, CaseIterable {
        case aggregator, responder

        var program: String { "rule-outcomes-\(rawValue)" }
    }

    let kind: Kind
    /// Those that read this configuration.
    let running: [RunningDaemon]
    /// As whom they run, or would by their unit; nil where nothing says.
    let account: Account?

    /// - Parameter configuration: the path of the configuration that they read.
    init(_ kind: Kind, configuration: String) async {
        self.kind = kind
        running = RunningDaemon.all(named: kind.program).filter {
            $0.reads(configuration, byDefault: Configuration.defaultPath)
        }
        if let first = running.first {
            account = first.account
        } else {
            account = await Self.unitUser(of: kind, configuration: configuration).flatMap(Account.init(named:))
        }
    }

    /// The user that systemd would start it as.
    private static func unitUser(of kind: Kind, configuration: String) async -> String? {
        guard configuration == Configuration.defaultPath else { return nil }
        let words = ["systemctl", "show", "--property", "User", "--value", "\(kind.program).service"]
        let user = await OtherProgram(words: words).run()?.output.split(separator: "\n").first
        return user.flatMap { $0.isEmpty ? nil : String($0) }
    }
}

/// Who of this project's runs, what it says of itself, and whether all are of one version.
struct DaemonExamination {
    let daemons: [Daemons]

    var findings: [Finding] {
        daemons.flatMap { found -> [Finding] in
            guard !found.running.isEmpty else {
                return [
                    Finding(
                        .daemons, .error, "no \(found.kind.program) runs with this configuration",
                        remedy:
                            "systemctl start \(found.kind.program); journalctl -u \(found.kind.program) says why it "
                            + "ended")
                ]
            }
            return found.running.map { daemon in
                let name = "\(found.kind.program) (process \(daemon.processID), user \(daemon.account.name))"
                guard !daemon.isReplaced else {
                    return Finding(
                        .daemons, .warning, "\(name) is of another version than what is installed now",
                        remedy: "restart the aggregator, then the responders")
                }
                guard daemon.account.user != 0 else {
                    return Finding(
                        .daemons, .warning, "\(name) runs as root", remedy: "give it a user of its own, as the units do"
                    )
                }
                return Finding(.daemons, .fine, "\(name) runs")
            }
        }
    }
}
