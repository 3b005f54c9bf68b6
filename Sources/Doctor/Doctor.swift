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
        let inherited = await inheritedSocket
        let (dump, nginxFindings) = await readNginx()
        findings += nginxFindings
        let running = RunningNginx(calledAs: nginx)
        if running == nil {
            findings.append(
                Finding(.nginx, .error, "no nginx runs with that configuration", remedy: "systemctl start nginx"))
        }
        let files = FileExamination(
            configuration: configuration, path: path, program: program, aggregator: aggregator, responder: responder,
            nginx: Self.account(running, dump), inheritedSocket: inherited)
        findings += await files.findings()
        findings += DiskExamination(directory: configuration.aggregator.dataDirectory).findings
        findings.append(ClockExamination().finding)
        findings += DaemonExamination(daemons: [aggregator, responder], version: version).findings
        findings += Self.judge(await status(configuration), version: version)
        if let dump {
            findings +=
                NginxExamination(
                    nginx: dump, configuration: configuration, inheritedSocket: inherited, filesMax: running?.filesMax
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

    private func readNginx() async -> (NginxConfiguration?, [Finding]) {
        guard let result = await OtherProgram(words: nginx + ["-T", "-q"]).run() else {
            return (
                nil, [Finding(.nginx, .error, "there is no program \(nginx[0])", remedy: "name nginx with --nginx")]
            )
        }
        guard result.status == 0 else { return (nil, Self.refusals(result.error)) }
        return (NginxConfiguration(dump: result.output), [])
    }

    /// What nginx says of a configuration that it does not take.
    private static func refusals(_ text: String) -> [Finding] {
        let lines = text.split(separator: "\n").filter { $0.contains("[emerg]") }.map(String.init)
        guard !lines.isEmpty else {
            return [Finding(.nginx, .error, "nginx does not say what it goes by", remedy: "try `nginx -T`")]
        }
        return lines.map { Finding(.nginx, .error, "nginx does not take its configuration: \($0)", remedy: remedy($0)) }
    }

    private static func remedy(_ line: String) -> String {
        if line.contains("Permission denied") { return "run this as root" }
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

    /// Where systemd listens for the responder.
    private var inheritedSocket: String? {
        get async {
            let words = ["systemctl", "show", "--property", "Listen", "--value", "rule-outcomes-responder.socket"]
            guard path == Configuration.defaultPath, let listen = await OtherProgram(words: words).run()?.output,
                listen.hasPrefix("/")
            else { return nil }
            return listen.split(separator: " ").first.map(String.init)
        }
    }
}
