import ConfigurationFile
import Glibc

/// Whether users and groups are there, and whether each process can use the files that it needs, as the kernel decides it.
struct FileExamination {
    let configuration: Configuration
    /// Where the configuration stands.
    let path: String
    /// This program.
    let program: String
    let aggregator: Daemons
    let responder: Daemons
    /// Who opens the responder's socket, which is nginx's workers; nil where it is not known.
    let nginx: Account?
    let sockets: ResponderSockets

    func findings() async -> [Finding] {
        var findings = names
        for daemon in [aggregator, responder] { findings += await check(daemon) }
        findings += await dataDirectory()
        findings += await socketFindings()
        findings += await secrets()
        findings += peers
        return findings + datagrams
    }

    // MARK: Users and groups

    private var names: [Finding] {
        let (responder, aggregator) = (configuration.responder, configuration.aggregator)
        let accesses: [(String, SocketAccess)] = [
            ("responder.", responder.access), ("responder.exposure", responder.exposureAccess),
            ("aggregator.", aggregator.access), ("aggregator.analytics", aggregator.analyticsAccess),
        ]
        var missing: [Finding] = []
        for (prefix, access) in accesses {
            let key = { (name: String) in prefix.hasSuffix(".") ? prefix + name : prefix + name.capitalizedFirst }
            if let group = access.group, !Names.hasGroup(group) {
                missing.append(Self.missing("group", group, in: key("group")))
            }
            let users =
                (access.owner.map { [(key("owner"), $0)] } ?? [])
                + access.allowedPeers.map { (key("allowedPeers"), $0) }
            for (key, user) in users where !Names.hasUser(user) { missing.append(Self.missing("user", user, in: key)) }
        }
        guard missing.isEmpty else { return missing }
        return [Finding(.configuration, .fine, "the users and groups that it names are there")]
    }

    private static func missing(_ noun: String, _ name: String, in key: String) -> Finding {
        Finding(
            .configuration, .error, "there is no \(noun) '\(name)', which \(key) names",
            remedy: "create it (\(noun)add --system \(name)), or name another")
    }

    // MARK: What the daemons read

    /// What the daemon's own check says, run as its user.
    private func check(_ daemon: Daemons) async -> [Finding] {
        let kind = daemon.kind.rawValue
        guard let account = daemon.account else { return [Self.unasked(daemon)] }
        let words = [program, "check", "--daemon", kind, "--config", path]
        guard let result = await account.run(words), !Self.setprivFailures.contains(result.status) else {
            return [Self.notAllowed("what the \(kind)'s user may read")]
        }
        guard !result.isTimedOut else {
            return [
                Finding(
                    .configuration, .error, "`rule-outcomes check`, run as \(account.name), does not end",
                    remedy: "see where the files that the configuration names lie: a disk does not answer")
            ]
        }
        let lines = result.error.split(separator: "\n").map(String.init)
        let warnings = lines.filter { $0.contains(": warning: ") }.map { Finding(.configuration, .warning, $0) }
        guard result.status == 0 else {
            guard !lines.isEmpty else {
                return [
                    Finding(
                        .configuration, .error,
                        "`rule-outcomes check`, run as \(account.name), ended with \(result.status)")
                ]
            }
            return warnings
                + lines.filter { !$0.contains(": warning: ") }.map {
                    Finding(
                        .configuration, .error, $0, remedy: "it is the \(kind)'s user \(account.name) who meets this")
                }
        }
        return warnings + [
            Finding(.configuration, .fine, "the \(kind)'s user \(account.name) may read what it needs, and it is right")
        ]
    }

    /// Where it may not be run as that user, or that user may not run it.
    private static let setprivFailures: Set<Int32> = [1, 126]

    private static func unasked(_ daemon: Daemons) -> Finding {
        Finding(
            .files, .note,
            "as whom the \(daemon.kind.rawValue) runs is not known, so what it may read was not looked at",
            remedy: "start it, then ask again")
    }

    private static func notAllowed(_ what: String) -> Finding {
        Finding(
            .files, .note, "\(what) was not looked at",
            remedy: geteuid() == 0 ? "setpriv could not act as it" : "run this as root")
    }

    // MARK: The data directory

    private func dataDirectory() async -> [Finding] {
        let directory = configuration.aggregator.dataDirectory
        guard let account = aggregator.account else { return [] }
        guard account.canBeAsked else { return [Self.notAllowed("the data directory \(directory)")] }
        guard let facts = FileFacts(directory) else {
            return [
                Finding(
                    .files, .error, "the data directory \(directory) does not exist",
                    remedy: "install -d -m 0700 -o \(account.name) -g \(Names.group(account.group)) \(directory)")
            ]
        }
        guard facts.kind == .directory else {
            return [
                Finding(
                    .files, .error, "\(directory), the data directory, is none", remedy: "name another in dataDirectory"
                )
            ]
        }
        let mayUse = await account.run(["test", "-w", directory, "-a", "-x", directory])?.status == 0
        guard mayUse else {
            return [
                Finding(
                    .files, .error,
                    "\(account.name) may not write into the data directory \(directory) (\(facts.text))",
                    remedy:
                        "chown \(account.name):\(Names.group(account.group)) \(directory) && chmod 0700 \(directory), and "
                        + "let it pass each directory above")
            ]
        }
        var findings: [Finding] = []
        for name in FileFacts.names(in: directory) where Self.isOwn(name) {
            guard let file = FileFacts("\(directory)/\(name)"), file.owner != account.user else { continue }
            findings.append(
                Finding(
                    .files, .error, "\(directory)/\(name) is \(Names.user(file.owner))'s, not \(account.name)'s",
                    remedy: "chown \(account.name):\(Names.group(account.group)) \(directory)/\(name)"))
        }
        if facts.mode & 0o077 != 0 {
            findings.append(
                Finding(
                    .files, .warning, "others may look into the data directory \(directory) (\(facts.text))",
                    remedy: "it holds visitors' pseudonyms: chmod 0700 \(directory)"))
        }
        guard findings.isEmpty else { return findings }
        return [Finding(.files, .fine, "the data directory \(directory) is \(account.name)'s alone")]
    }

    /// Whether the aggregator opens a file of that name there; whatever else lies beside is nobody's matter.
    private static func isOwn(_ name: String) -> Bool {
        name == "subject.epoch"
            || ["journal.sqlite", "store.sqlite"].contains { file in
                ["", "-wal", "-shm", "-journal"].contains { name == file + $0 }
            }
    }

    // MARK: Sockets

    private func socketFindings() async -> [Finding] {
        var findings: [Finding] = []
        if let requests = sockets.requests {
            findings += await socket(requests, for: nginx, called: "nginx's workers", group: "responder.group")
        }
        if let exposures = sockets.exposures {
            findings += await socket(exposures, for: nginx, called: "nginx's workers", group: "responder.exposureGroup")
        }
        findings += await socket(
            configuration.aggregator.socket, for: responder.account, called: "the responder's user",
            group: "aggregator.group")
        return findings
    }

    /// Whether `account` may open the socket.
    private func socket(
        _ path: String, for account: Account?, called who: String, group key: String
    ) async -> [Finding] {
        guard let facts = FileFacts(path) else {
            guard geteuid() == 0 else { return [Self.notAllowed("the socket \(path)")] }
            return [
                Finding(.files, .error, "there is no socket \(path)", remedy: "start the daemon that listens there")
            ]
        }
        guard facts.kind == .socket else {
            return [Finding(.files, .error, "\(path) is no socket", remedy: "see what it is, and move it away")]
        }
        guard let account else { return [] }
        guard let mayOpen = await account.may("w", path) else {
            return [Self.notAllowed("whether \(who) may open \(path)")]
        }
        guard mayOpen else {
            return [
                Finding(
                    .files, .error, "\(who) (\(account.name)) may not open \(path) (\(facts.text))",
                    remedy: remedy(key, account))
            ]
        }
        return [Finding(.files, .fine, "\(who) may open \(path)")]
    }

    private func remedy(_ key: String, _ account: Account) -> String {
        let group = "a group of \(account.name)'s"
        guard key.hasPrefix("responder."), configuration.responder.listen == .inherited else {
            return "set \(key) to \(group), and see that it may pass each directory above"
        }
        return "SocketGroup= in the socket's unit (systemctl edit rule-outcomes-responder.socket) is to be \(group)"
    }

    /// Whether who connects is let in.
    private var peers: [Finding] {
        let ends = [
            ("responder", configuration.responder.access, nginx, "nginx's workers"),
            ("aggregator", configuration.aggregator.access, responder.account, "the responder's user"),
        ]
        return ends.compactMap { section, access, account, who in
            guard let account, !access.allowedPeers.isEmpty, !access.allowedPeers.contains(account.name) else {
                return nil
            }
            return Finding(
                .files, .error, "\(section).allowedPeers does not name \(who) (\(account.name)), who are turned away",
                remedy: "add \(account.name) to it")
        }
    }

    // MARK: Secrets

    /// What only the responder has to read.
    private func secrets() async -> [Finding] {
        guard let reader = responder.account else { return [] }
        let others = [(aggregator.account, "the aggregator's user"), (nginx, "nginx's workers")].filter {
            $0.0?.user != reader.user
        }
        var files = [configuration.responder.subjectSecret.path]
        files += configuration.sites.values.compactMap { $0.jwt?.secret?.path }
        var findings: [Finding] = []
        for file in Set(files).sorted() {
            for (account, who) in others {
                guard let account, await account.may("r", file) == true else { continue }
                findings.append(
                    Finding(
                        .files, .warning, "\(who) (\(account.name)) can read \(file)",
                        remedy:
                            "only the responder has to: chgrp \(Names.group(reader.group)) \(file) && chmod 0640 \(file)"
                    ))
            }
        }
        return findings
    }

    // MARK: Datagrams

    private static let queueLengthMin = 512

    /// How many lines of nginx's log the kernel keeps for a responder that is busy.
    private var datagrams: [Finding] {
        let path = "/proc/sys/net/unix/max_dgram_qlen"
        guard sockets.exposures != nil,
            let length = FileFacts.text(of: path).flatMap({ Int($0.filter(\.isNumber)) })
        else { return [] }
        guard length < Self.queueLengthMin else {
            return [
                Finding(
                    .files, .fine, "the kernel keeps \(length) lines for a busy responder (net.unix.max_dgram_qlen)")
            ]
        }
        return [
            Finding(
                .files, .warning,
                "the kernel keeps no more than \(length) lines for a busy responder, so exposures may be lost",
                remedy:
                    "sysctl -w net.unix.max_dgram_qlen=\(Self.queueLengthMin), the same in /etc/sysctl.d, and restart "
                    + "whatever made the socket")
        ]
    }
}

extension String {
    fileprivate var capitalizedFirst: String {
        prefix(1).uppercased() + dropFirst()
    }
}
