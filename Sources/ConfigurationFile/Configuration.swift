/// Everything `config.yaml` says, checked.
public struct Configuration: Sendable, Equatable {
    public var responder: ResponderConfiguration
    public var aggregator: AggregatorConfiguration
    /// By the name that nginx gives in `fastcgi_param SITE`. A request that names none belongs to `default`.
    public var sites: [String: SiteConfiguration]
    /// The file that declares rule versions; nil when there is none.
    public var rules: String?
    /// Who is told of what tests come to; nil when nobody is.
    public var notify: NotifyConfiguration?
    /// What the file allows and yet is risky, in the order of its lines. Of the files that it names this says nothing.
    public var warnings: [ConfigurationError]

    public init(
        responder: ResponderConfiguration, aggregator: AggregatorConfiguration, sites: [String: SiteConfiguration],
        rules: String? = nil, notify: NotifyConfiguration? = nil, warnings: [ConfigurationError] = []
    ) {
        self.responder = responder
        self.aggregator = aggregator
        self.sites = sites
        self.rules = rules
        self.notify = notify
        self.warnings = warnings
    }

    /// Where the file stands unless `--config` names another.
    public static let defaultPath = "/etc/rule-outcomes/config.yaml"
}

extension Configuration {
    /// Reads and checks the configuration file at `path`. Every mistake in it is reported, not just the first; only
    /// a file that is not readable, or not YAML, hides what else may be wrong.
    ///
    /// The files that it names are not opened here.
    public static func load(path: String = defaultPath) throws(ConfigurationErrors) -> Configuration {
        let remedy = "write it, or name another file with --config"
        return try parse(text: ConfigurationText.text(path: path, missing: remedy), file: path)
    }

    /// Checks `text` as if it stood in `file`, whose directory is the one that relative paths start from. Nothing is
    /// read from disk.
    public static func parse(text: String, file: String) throws(ConfigurationErrors) -> Configuration {
        let content = "the sections `responder`, `aggregator` and `sites`"
        let document = try YAMLDocument(text: text, file: file, content: content)
        var reader = ConfigurationReader(file: file, source: document.source)
        // A section is nil only after the reason for it was noted, so there is an error to throw.
        guard let configuration = reader.configuration(document.root), reader.notes.errors.isEmpty else {
            throw ConfigurationErrors(reader.notes.errors)
        }
        return configuration
    }
}

/// The `responder` section.
public struct ResponderConfiguration: Sendable, Equatable {
    /// Where FastCGI connections come from.
    public enum Listen: Sendable, Equatable {
        case unix(path: String)
        case tcp(address: String, port: UInt16)
        /// Descriptor 0 (spawn-fcgi) or `LISTEN_FDS` (systemd).
        case inherited
    }

    public var listen: Listen
    public var access: SocketAccess
    /// The path of the Unix socket that nginx logs exposures to; nil when it does not.
    public var exposureSocket: String?
    public var exposureAccess: SocketAccess
    /// The installation's secret under which tracking ids become subjects.
    public var subjectSecret: KeyFile
    /// Where the key sets are that are fetched from URLs, one file a site.
    public var keysDirectory: String
    /// How long a request waits for its record to be durable before it is answered 503.
    public var deadlineMilliseconds: Int
    /// How many records may await their commit; a request beyond is answered 503 at once.
    public var inFlightMax: Int
    /// How many FastCGI connections may be open; further ones wait in the listen queue.
    public var connectionsMax: Int

    public init(
        listen: Listen, access: SocketAccess = SocketAccess(), exposureSocket: String? = nil,
        exposureAccess: SocketAccess = SocketAccess(), subjectSecret: KeyFile,
        keysDirectory: String = defaultKeysDirectory, deadlineMilliseconds: Int = 2000, inFlightMax: Int = 4096,
        connectionsMax: Int = 4096
    ) {
        self.listen = listen
        self.access = access
        self.exposureSocket = exposureSocket
        self.exposureAccess = exposureAccess
        self.subjectSecret = subjectSecret
        self.keysDirectory = keysDirectory
        self.deadlineMilliseconds = deadlineMilliseconds
        self.inFlightMax = inFlightMax
        self.connectionsMax = connectionsMax
    }

    public static let defaultKeysDirectory = "/var/lib/rule-outcomes-keys"
}

/// The `aggregator` section.
public struct AggregatorConfiguration: Sendable, Equatable {
    /// The Unix socket that responders forward to.
    public var socket: String
    public var access: SocketAccess
    /// The Unix socket that serves the analytics.
    public var analyticsSocket: String
    public var analyticsAccess: SocketAccess
    /// Holds the journal and the store; must exist and belong to one aggregator alone.
    public var dataDirectory: String
    /// How many rule versions of a site are told apart; the rest is counted under one name. Likewise below.
    public var rulesPerSiteMax: Int
    public var outcomesPerRuleMax: Int
    public var conversionsPerOutcomeMax: Int

    public init(
        socket: String, access: SocketAccess = SocketAccess(), analyticsSocket: String,
        analyticsAccess: SocketAccess = SocketAccess(), dataDirectory: String,
        rulesPerSiteMax: Int = 10_000, outcomesPerRuleMax: Int = 500, conversionsPerOutcomeMax: Int = 50
    ) {
        self.socket = socket
        self.access = access
        self.analyticsSocket = analyticsSocket
        self.analyticsAccess = analyticsAccess
        self.dataDirectory = dataDirectory
        self.rulesPerSiteMax = rulesPerSiteMax
        self.outcomesPerRuleMax = outcomesPerRuleMax
        self.conversionsPerOutcomeMax = conversionsPerOutcomeMax
    }
}

/// The `notify` section.
public struct NotifyConfiguration: Sendable, Equatable {
    /// An address that notices are sent to, and the secret that they are signed with.
    public struct Webhook: Sendable, Equatable {
        /// The file that holds the URL, which may be a secret itself.
        public var url: KeyFile
        public var secret: KeyFile

        public init(url: KeyFile, secret: KeyFile) {
            self.url = url
            self.secret = secret
        }
    }

    /// A program by its absolute path, and its arguments; nil when none is run.
    public var command: [String]?
    public var webhook: Webhook?
    /// Where people open the console, for links in notices; nil for no links.
    public var console: HTTPSURL?
    /// After how long without a record of its rule version a test that runs is told of.
    public var quietHours: Int
    /// Holds what was told already.
    public var stateDirectory: String

    public init(
        command: [String]? = nil, webhook: Webhook? = nil, console: HTTPSURL? = nil, quietHours: Int = 24,
        stateDirectory: String = "/var/lib/rule-outcomes-notify"
    ) {
        self.command = command
        self.webhook = webhook
        self.console = console
        self.quietHours = quietHours
        self.stateDirectory = stateDirectory
    }
}

/// Who may use a Unix socket.
public struct SocketAccess: Sendable, Equatable {
    /// Permission bits, `0o660` unless configured.
    public var mode: UInt16
    /// The name of the user that owns the socket; nil leaves the process's own.
    public var owner: String?
    /// The name of the group that owns the socket; nil leaves the process's own.
    public var group: String?
    /// Names of the users whose processes may connect, checked with `SO_PEERCRED`; empty lets in whoever may open
    /// the socket.
    public var allowedPeers: [String]

    public init(
        mode: UInt16 = 0o660, owner: String? = nil, group: String? = nil, allowedPeers: [String] = []
    ) {
        self.mode = mode
        self.owner = owner
        self.group = group
        self.allowedPeers = allowedPeers
    }
}

extension ResponderConfiguration {
    /// The keys of the section that are set to something else than in `earlier`, as they are spelt in the file, and take
    /// effect at a start. `keysDirectory` does at a reload, with the sites whose files are in it.
    public func keysChanged(from earlier: ResponderConfiguration) -> [String] {
        let keys: [(Keys.Responder, Bool)] = [
            (.listen, listen != earlier.listen), (.mode, access.mode != earlier.access.mode),
            (.owner, access.owner != earlier.access.owner), (.group, access.group != earlier.access.group),
            (.allowedPeers, access.allowedPeers != earlier.access.allowedPeers),
            (.exposureSocket, exposureSocket != earlier.exposureSocket),
            (.exposureMode, exposureAccess.mode != earlier.exposureAccess.mode),
            (.exposureOwner, exposureAccess.owner != earlier.exposureAccess.owner),
            (.exposureGroup, exposureAccess.group != earlier.exposureAccess.group),
            (.subjectSecret, subjectSecret.path != earlier.subjectSecret.path),
            (.deadlineMilliseconds, deadlineMilliseconds != earlier.deadlineMilliseconds),
            (.inFlightMax, inFlightMax != earlier.inFlightMax),
            (.connectionsMax, connectionsMax != earlier.connectionsMax),
        ]
        return keys.filter(\.1).map(\.0.rawValue)
    }
}

extension AggregatorConfiguration {
    /// The keys of the section that are set to something else than in `earlier`, as they are spelt in the file.
    public func keysChanged(from earlier: AggregatorConfiguration) -> [String] {
        let keys: [(Keys.Aggregator, Bool)] = [
            (.socket, socket != earlier.socket), (.mode, access.mode != earlier.access.mode),
            (.owner, access.owner != earlier.access.owner), (.group, access.group != earlier.access.group),
            (.allowedPeers, access.allowedPeers != earlier.access.allowedPeers),
            (.analyticsSocket, analyticsSocket != earlier.analyticsSocket),
            (.analyticsMode, analyticsAccess.mode != earlier.analyticsAccess.mode),
            (.analyticsOwner, analyticsAccess.owner != earlier.analyticsAccess.owner),
            (.analyticsGroup, analyticsAccess.group != earlier.analyticsAccess.group),
            (.dataDirectory, dataDirectory != earlier.dataDirectory),
            (.rulesPerSiteMax, rulesPerSiteMax != earlier.rulesPerSiteMax),
            (.outcomesPerRuleMax, outcomesPerRuleMax != earlier.outcomesPerRuleMax),
            (.conversionsPerOutcomeMax, conversionsPerOutcomeMax != earlier.conversionsPerOutcomeMax),
        ]
        return keys.filter(\.1).map(\.0.rawValue)
    }
}
