import Analytics
import ConfigurationFile
import Glibc

/// Goes through an installation, from its configuration to an answer of the endpoint, and changes nothing.
public struct Doctor: Sendable {
    /// What is asked of the aggregator, which may not answer.
    public enum Status: Sendable {
        case told(StatusReport)
        /// Why not, in a sentence.
        case silent(String)
    }

    /// Where the configuration stands.
    public var path: String
    /// How nginx is called: its name or path, and the options that name its configuration.
    public var nginx: [String]
    /// The path of the operator's tool.
    public var program: String
    /// The version of the programs that are installed.
    public var version: String

    public init(path: String, nginx: [String], program: String, version: String) {
        self.path = path
        self.nginx = nginx
        self.program = program
        self.version = version
    }

    /// - Parameter status: asks the aggregator whose configuration it is given how it is.
    public func examine(status: (Configuration) async -> Status) async -> Diagnosis {
        let configuration: Configuration
        do throws(ConfigurationErrors) {
            configuration = try Configuration.load(path: path)
        } catch {
            return Diagnosis(error.errors.map { Finding(.configuration, .error, "\($0)") })
        }
        var findings = Self.summary(configuration, path)
        let (aggregator, responder) = (
            await Daemons(.aggregator, configuration: path), await Daemons(.responder, configuration: path)
        )
        let sockets = await sockets(configuration.responder)
        let (dump, nginxFindings) = await readNginx()
        findings += nginxFindings
        let running = dump.flatMap { RunningNginx(calledAs: nginx, configuration: $0.root.file) }
        if let dump { findings += Self.judge(running, dump) }
        let files = FileExamination(
            configuration: configuration, path: path, program: program, aggregator: aggregator, responder: responder,
            nginx: Self.account(running, dump), sockets: sockets)
        findings += await files.findings()
        findings += DiskExamination(directory: configuration.aggregator.dataDirectory).findings
        findings.append(ClockExamination().finding)
        findings += DaemonExamination(daemons: [aggregator, responder]).findings
        findings += Self.judge(await status(configuration), version: version)
        if let dump {
            findings +=
                NginxExamination(
                    nginx: dump, configuration: configuration, sockets: sockets, filesMax: running?.filesMax
                ).findings
            findings += await EndpointExamination(nginx: dump, configuration: configuration).findings()
        }
        return Diagnosis(findings)
    }

    private static func summary(_ configuration: Configuration, _ path: String) -> [Finding] {
        let names = configuration.sites.keys.sorted().joined(separator: ", ")
        return [Finding(.configuration, .fine, "\(path) has no mistake; its sites are \(names)")]
    }

    // MARK: The aggregator's own word

    private static func judge(_ status: Status, version: String) -> [Finding] {
        switch status {
        case .silent(let reason):
            return [Finding(.daemons, .error, reason, remedy: "without it nothing is recorded; see its log")]
        case .told(let report):
            var findings = report.signs.map { sign in
                let judgement: Finding.Judgement =
                    switch sign.severity {
                    case .note: .note
                    case .warning: .warning
                    case .critical: .error
                    }
                return Finding(.daemons, judgement, sign.text, remedy: sign.help)
            }
            if report.version != version {
                findings.append(
                    Finding(
                        .daemons, .warning, "the aggregator is of version \(report.version), this tool of \(version)",
                        remedy: "run programs of one release: restart the aggregator, then the responders"))
            }
            if findings.isEmpty {
                let count = report.responders.count
                findings.append(
                    Finding(
                        .daemons, .fine,
                        "the aggregator hears \(count) responder\(count == 1 ? "" : "s"), and reports are up to date"))
            }
            return findings
        }
    }

    // MARK: nginx

    /// Whether it runs, and has read what is there now.
    private static func judge(_ running: RunningNginx?, _ dump: NginxConfiguration) -> [Finding] {
        guard let running else {
            return [Finding(.nginx, .error, "no nginx runs with that configuration", remedy: "systemctl start nginx")]
        }
        guard let readSeconds = running.readSeconds,
            let newer = dump.files.first(where: { (FileFacts($0)?.changedSeconds ?? 0) > readSeconds + 1 })
        else { return [] }
        return [
            Finding(
                .nginx, .warning, "\(newer) was changed after nginx read it",
                remedy: "nginx -t && systemctl reload nginx")
        ]
    }

    private func readNginx() async -> (NginxConfiguration?, [Finding]) {
        guard let result = await OtherProgram(words: nginx + ["-T", "-q"]).run() else {
            return (
                nil, [Finding(.nginx, .error, "there is no program \(nginx[0])", remedy: "name nginx with --nginx")]
            )
        }
        guard !result.isTimedOut else {
            return (
                nil,
                [
                    Finding(
                        .nginx, .error, "`nginx -T` does not end",
                        remedy: "it waits for a name server, a log's reader, or a passphrase: try it by hand")
                ]
            )
        }
        guard result.status == 0 else { return (nil, Self.refusals(result.error)) }
        let warnings = result.error.split(separator: "\n").filter { $0.contains("[warn]") }.map {
            Finding(.nginx, .warning, "nginx says of its configuration: \(Self.message($0))")
        }
        return (NginxConfiguration(dump: result.output), warnings)
    }

    /// What nginx says of a configuration that it does not take.
    private static func refusals(_ text: String) -> [Finding] {
        let lines = text.split(separator: "\n").filter { $0.contains("[emerg]") }.map(String.init)
        guard !lines.isEmpty else {
            return [Finding(.nginx, .error, "nginx does not say what it goes by", remedy: "try `nginx -T`")]
        }
        return lines.map {
            Finding(.nginx, .error, "nginx does not take its configuration: \(message($0[...]))", remedy: remedy($0))
        }
    }

    /// A line of nginx's log without what stands in front of its message.
    private static func message(_ line: Substring) -> String {
        let level = line.firstRange(of: "] ").map { line[$0.upperBound...] } ?? line
        let number = level.firstRange(of: ": ").map { level[..<$0.lowerBound] } ?? ""
        guard number.contains("#"), number.allSatisfy({ $0.isNumber || $0 == "#" }) else { return String(level) }
        return String(level.dropFirst(number.count + 2))
    }

    private static func remedy(_ line: String) -> String {
        if line.contains("Permission denied"), geteuid() != 0 { return "run this as root" }
        if line.contains("duplicate upstream \"rule_outcomes") || line.contains("already bound to key")
            || line.contains("duplicate \"log_format\" name \"rule_outcomes")
        {
            return "http.conf is included twice: take one of the lines out"
        }
        if line.contains("duplicate location"), line.contains("/rule-outcomes/") {
            return "the endpoint is included twice in one server block: take one of the lines out"
        }
        if line.contains("rule-outcomes/"),
            ["is not allowed here", " be inside ", "is outside location"].contains(where: line.contains)
        {
            return "conversions.conf, conversions-with-sessions.conf and analytics.conf belong into a server block, "
                + "exposures.conf into a location, and http.conf into the http block"
        }
        if line.contains("unknown \"oc_") || line.contains("\"rule_outcomes") {
            return "nginx's http block does not include rule-outcomes/http.conf, or an older one than these files want"
        }
        return "nginx goes on as it was started, and would not start again: mend it, then `nginx -t`"
    }

    /// As whom nginx's workers run, or would.
    private static func account(_ running: RunningNginx?, _ dump: NginxConfiguration?) -> Account? {
        if let workers = running?.workers { return workers }
        guard let dump else { return nil }
        return dump.root.first("user")?.arguments.first.flatMap(Account.init(named:)) ?? Account(named: "nobody")
    }

    /// Where systemd listens, in place of a daemon of this configuration, by the name of the socket's unit.
    private func inherited(_ unit: String) async -> String? {
        let words = ["systemctl", "show", "--property", "Listen", "--value", "\(unit).socket"]
        guard path == Configuration.defaultPath, let listen = await OtherProgram(words: words).run()?.output,
            listen.hasPrefix("/")
        else { return nil }
        return listen.split(separator: " ").first.map(String.init)
    }

    /// The sockets that nginx reaches the responder at.
    private func sockets(_ responder: ResponderConfiguration) async -> ResponderSockets {
        var sockets = ResponderSockets(requests: nil, exposures: responder.exposureSocket)
        switch responder.listen {
        case .unix(let path): sockets.requests = path
        case .tcp: break
        case .inherited:
            sockets.requests = await inherited("rule-outcomes-responder")
            if sockets.exposures == nil { sockets.exposures = await inherited("rule-outcomes-exposures") }
        }
        return sockets
    }
}

/// The paths of the Unix sockets that nginx reaches the responder at; nil where there is none, or it is not known.
struct ResponderSockets {
    var requests: String?
    var exposures: String?
}
