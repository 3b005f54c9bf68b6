import Glibc
import Yams

/// Turns the nodes of `config.yaml` into a `Configuration`.
struct ConfigurationReader: DocumentReader {
    static let sections = Keys.sections

    let source: YAMLSource
    var notes: Notes
    /// The absolute path of the directory that relative paths start from.
    let directory: String
    /// The Unix sockets named so far, which must differ.
    var sockets: [String: Entry] = [:]
    /// Where fetched key sets are, for the sites, which are read after the responder.
    var keysDirectory = ResponderConfiguration.defaultKeysDirectory

    init(file: String, source: YAMLSource) {
        self.source = source
        notes = Notes(file: file)
        directory = Self.directory(of: file)
    }

    mutating func configuration(_ root: Node) -> Configuration? {
        let whole = Entry(key: "", line: nil, value: root)
        guard let file = section(whole, titled: "the file", Keys.File.self) else { return nil }
        let responder = required(.responder, of: file, as: "the section of the FastCGI responder")
            .flatMap { self.responder($0) }
        let aggregator = required(.aggregator, of: file, as: "the section of the aggregator")
            .flatMap { self.aggregator($0) }
        let sites = required(.sites, of: file, as: "the section with a section for each site, `default` for one")
            .flatMap { self.sites($0) }
        let rules = file[.rules].flatMap { path($0, "the path of the file that declares rules") }
        let notify = file[.notify].flatMap { self.notify($0) }
        guard let responder, let aggregator, let sites else { return nil }
        return Configuration(
            responder: responder, aggregator: aggregator, sites: sites, rules: rules, notify: notify,
            warnings: notes.warnings.inOrder)
    }
}

extension ConfigurationReader {
    private static let listenExpected =
        "`unix:PATH`, `tcp:ADDRESS:PORT` or `inherited`, such as `unix:/run/rule-outcomes/responder.sock`"

    mutating func responder(_ entry: Entry) -> ResponderConfiguration? {
        guard let section = section(entry, titled: "`responder`", Keys.Responder.self) else { return nil }
        let listen = required(.listen, of: section, as: Self.listenExpected).flatMap { self.listen($0) }
        let access = access(
            mode: section[.mode], owner: section[.owner], group: section[.group], allowedPeers: section[.allowedPeers])
        if let listen { refuseAccess(section, listen) }
        let exposureSocket = section[.exposureSocket].flatMap { self.socket($0) }
        let exposureAccess = self.access(
            mode: section[.exposureMode], owner: section[.exposureOwner], group: section[.exposureGroup])
        refuseExposureAccess(section)
        let subjectSecret = required(.subjectSecret, of: section, as: "the path of the file with the secret")
            .flatMap { keyFile($0) }
        keysDirectory = section[.keysDirectory].flatMap { path($0, "the path of a directory") } ?? keysDirectory
        let deadlineMilliseconds = wholeNumber(section[.deadlineMilliseconds], in: 10...60_000)
        let inFlightMax = wholeNumber(section[.inFlightMax], in: 1...65_536)
        let connectionsMax = wholeNumber(section[.connectionsMax], in: 1...65_536)
        guard let listen, let subjectSecret else { return nil }
        var configuration = ResponderConfiguration(
            listen: listen, access: access, exposureSocket: exposureSocket, exposureAccess: exposureAccess,
            subjectSecret: subjectSecret, keysDirectory: keysDirectory)
        configuration.deadlineMilliseconds = deadlineMilliseconds ?? configuration.deadlineMilliseconds
        configuration.inFlightMax = inFlightMax ?? configuration.inFlightMax
        configuration.connectionsMax = connectionsMax ?? configuration.connectionsMax
        return configuration
    }

    private mutating func listen(_ entry: Entry) -> ResponderConfiguration.Listen? {
        guard let text = text(entry, Self.listenExpected) else { return nil }
        if text == "inherited" { return .inherited }
        if text.hasPrefix("unix:") {
            return socket(at: String(text.dropFirst(5)), entry, Self.listenExpected).map { .unix(path: $0) }
        }
        if text.hasPrefix("tcp:") { return tcp(text.dropFirst(4), entry) }
        note(entry, mustBe: Self.listenExpected, "not \(text.shown)")
        return nil
    }

    /// `127.0.0.1:9000` or `[::1]:9000`.
    private mutating func tcp(_ text: Substring, _ entry: Entry) -> ResponderConfiguration.Listen? {
        guard let colon = text.lastIndex(of: ":"), let port = port(text[text.index(after: colon)...]) else {
            note(entry, mustBe: "`tcp:ADDRESS:PORT`, such as `tcp:127.0.0.1:9000`", "with a port from 1 to 65535")
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            if Self.isAddress(address, AF_INET6) { return .tcp(address: address, port: port) }
        } else if Self.isAddress(String(host), AF_INET) {
            return .tcp(address: String(host), port: port)
        }
        let found = "with an address in numbers, `127.0.0.1` or `[::1]`, not \(String(host).shown)"
        note(entry, mustBe: "`tcp:ADDRESS:PORT`", found)
        return nil
    }

    private func port(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy(\.isDigit), let port = UInt16(text), port > 0 else { return nil }
        return port
    }

    static func isAddress(_ text: String, _ family: Int32) -> Bool {
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }

    /// Only a Unix socket that the responder itself opens has a mode, an owner and a group that it can set, and only
    /// on a Unix socket does the kernel tell who the peer is.
    private mutating func refuseAccess(_ section: Section<Keys.Responder>, _ listen: ResponderConfiguration.Listen) {
        let (keys, reason): ([Keys.Responder], String)
        switch listen {
        case .unix: return
        case .tcp: (keys, reason) = ([.mode, .owner, .group, .allowedPeers], "TCP knows neither owners nor users")
        case .inherited: (keys, reason) = ([.mode, .owner, .group], "whoever opens the inherited socket sets it")
        }
        for entry in keys.compactMap({ section[$0] }) {
            note(entry.line, "\(entry.title) goes only with `listen: unix:PATH`, \(reason): take it out")
        }
    }

    /// Without a socket there is nobody to let in; one that is inherited belongs to whoever opens it.
    private mutating func refuseExposureAccess(_ section: Section<Keys.Responder>) {
        guard section[.exposureSocket] == nil else { return }
        for entry in [Keys.Responder.exposureMode, .exposureOwner, .exposureGroup].compactMap({ section[$0] }) {
            note(entry.line, "\(entry.title) goes only with `exposureSocket`: take it out, or add that")
        }
    }

    mutating func aggregator(_ entry: Entry) -> AggregatorConfiguration? {
        guard let section = section(entry, titled: "`aggregator`", Keys.Aggregator.self) else { return nil }
        let socket = required(.socket, of: section, as: "the path of the Unix socket that responders forward to")
            .flatMap { self.socket($0) }
        let access = access(
            mode: section[.mode], owner: section[.owner], group: section[.group], allowedPeers: section[.allowedPeers])
        let analyticsSocket = required(.analyticsSocket, of: section, as: "the path of the Unix socket for reading")
            .flatMap { self.socket($0) }
        let analyticsAccess = self.access(
            mode: section[.analyticsMode], owner: section[.analyticsOwner], group: section[.analyticsGroup])
        let dataDirectory = required(.dataDirectory, of: section, as: "the path of the directory for what is counted")
            .flatMap { path($0, "the path of a directory") }
        let rulesPerSiteMax = wholeNumber(section[.rulesPerSiteMax], in: 1...1_000_000)
        let outcomesPerRuleMax = wholeNumber(section[.outcomesPerRuleMax], in: 1...1_000_000)
        let conversionsPerOutcomeMax = wholeNumber(section[.conversionsPerOutcomeMax], in: 1...1_000_000)
        guard let socket, let analyticsSocket, let dataDirectory else { return nil }
        var configuration = AggregatorConfiguration(
            socket: socket, access: access, analyticsSocket: analyticsSocket, analyticsAccess: analyticsAccess,
            dataDirectory: dataDirectory)
        configuration.rulesPerSiteMax = rulesPerSiteMax ?? configuration.rulesPerSiteMax
        configuration.outcomesPerRuleMax = outcomesPerRuleMax ?? configuration.outcomesPerRuleMax
        configuration.conversionsPerOutcomeMax = conversionsPerOutcomeMax ?? configuration.conversionsPerOutcomeMax
        return configuration
    }

    /// Who may use a Unix socket, by the keys that say so; each may be missing.
    mutating func access(mode: Entry?, owner: Entry?, group: Entry?) -> SocketAccess {
        let access = permissions(mode: mode, owner: owner, group: group)
        warn(ofEverybody: access, mode, remedy: "")
        return access
    }

    /// The same where those who connect may be told apart.
    mutating func access(mode: Entry?, owner: Entry?, group: Entry?, allowedPeers: Entry?) -> SocketAccess {
        var access = permissions(mode: mode, owner: owner, group: group)
        access.allowedPeers =
            allowedPeers.flatMap { entry in
                members(entry, "a list of user names, such as [www-data]") { reader, element in
                    reader.account(element, "the name of a user, such as www-data")
                }
            } ?? []
        warn(ofEverybody: access, mode, remedy: ", or name those who may in `allowedPeers`")
        return access
    }

    private mutating func permissions(mode: Entry?, owner: Entry?, group: Entry?) -> SocketAccess {
        var access = SocketAccess()
        access.mode = self.mode(mode) ?? access.mode
        access.owner = owner.flatMap { account($0, "the name of a user, such as rule-outcomes") }
        access.group = group.flatMap { account($0, "the name of a group, such as www-data") }
        return access
    }

    /// Warns of a socket that everybody may connect to. To connect takes permission to write: unix(7).
    private mutating func warn(ofEverybody access: SocketAccess, _ mode: Entry?, remedy: String) {
        guard let mode, access.mode & 0o002 != 0, access.allowedPeers.isEmpty else { return }
        warn(
            mode.valueLine,
            "\(mode.title) lets every user of this machine connect: take that from others, as \"0660\" does\(remedy)")
    }

    /// Permission bits, which are octal however they are written: `"0660"`, `0660`, `660` or `0o660`.
    private mutating func mode(_ entry: Entry?) -> UInt16? {
        let expected = "octal permission bits from \"0000\" to \"0777\", such as \"0660\""
        guard let entry, let text = text(entry, expected) else { return nil }
        let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
        guard (3...4).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit),
            let mode = UInt16(digits, radix: 8),
            mode <= 0o777
        else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return mode
    }

    /// The name of a user or a group. Whether there is one is known only where the socket is opened.
    private mutating func account(_ entry: Entry, _ expected: String) -> String? {
        guard let text = text(entry, expected) else { return nil }
        let bytes = text.utf8
        guard bytes.count <= 32, bytes.allSatisfy({ isNameByte($0) }), !bytes.allSatisfy(\.isDigit),
            !text.hasPrefix("-")
        else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return text
    }

    /// What `sun_path` holds, less its terminating NUL: unix(7).
    static let socketPathBytesMax = 107
    /// `PATH_MAX`, less the terminating NUL.
    static let pathBytesMax = 4095

    /// The absolute path of the directory that `file` is in.
    static func directory(of file: String) -> String {
        var start = ""
        if !file.hasPrefix("/"), let current = getcwd(nil, 0) {
            defer { free(current) }
            start = String(cString: current)
        }
        return "/" + components(of: start + "/" + file).dropLast().joined(separator: "/")
    }

    /// `..` stays: which directory it means depends on symbolic links.
    private static func components(of path: String) -> [Substring] {
        path.split(separator: "/").filter { $0 != "." }
    }

    func resolved(_ path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : directory + "/" + path
        return "/" + Self.components(of: absolute).joined(separator: "/")
    }

    /// The path of a directory, or of a file that another function describes in `expected`.
    mutating func path(_ entry: Entry, _ expected: String) -> String? {
        guard let text = text(entry, expected) else { return nil }
        let path = resolved(text)
        guard path.utf8.count <= Self.pathBytesMax else {
            note(entry, mustBe: expected, "of at most \(Self.pathBytesMax) bytes")
            return nil
        }
        return path
    }

    /// The path of a file that holds a secret or a key. No error shows it, since it may be the secret itself.
    mutating func keyFile(_ entry: Entry) -> KeyFile? {
        let expected = "the path of a file, not what is in it"
        guard let path = path(entry, expected) else { return nil }
        // A key pasted over several lines without quotes is one line of text to YAML.
        guard !path.contains("-----BEGIN") else {
            note(entry, mustBe: expected, "so put the key into a file of its own")
            return nil
        }
        return KeyFile(path: path, configurationFile: notes.file, line: entry.valueLine)
    }

    mutating func socket(_ entry: Entry) -> String? {
        let expected = "the path of a Unix socket, such as `/run/rule-outcomes/\(entry.key).sock`"
        guard let text = text(entry, expected) else { return nil }
        return socket(at: text, entry, expected)
    }

    /// Checks the path of a Unix socket that stands in `entry`, and that no other has it.
    mutating func socket(at text: String, _ entry: Entry, _ expected: String) -> String? {
        guard !text.isEmpty, !text.hasSuffix("/") else {
            note(entry, mustBe: expected, "not a directory")
            return nil
        }
        let path = resolved(text)
        guard path.utf8.count <= Self.socketPathBytesMax else {
            let count = "of at most \(Self.socketPathBytesMax) bytes from the first `/` on, not \(path.utf8.count)"
            note(entry, mustBe: expected, count)
            return nil
        }
        if let other = sockets[path] {
            let line = other.line.map { " on line \($0)" } ?? ""
            note(entry.valueLine, "\(entry.title) has the path of \(other.title)\(line): give each socket its own")
        }
        sockets[path] = entry
        return path
    }
}
