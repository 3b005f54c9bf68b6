import ConfigurationFile
import Credentials
import Daemon
import EventLoop
import FastCGI
import Glibc
import Logging
import Records
import ServiceLifecycle

/// The responder: FastCGI requests and lines of nginx's log in, durable records out.
public struct ResponderService: Service {
    /// What framing adds to the longest parameters and body: eight bytes a record and its padding.
    private static let framingBytesMax = 16 * 1024
    fileprivate static let receiveBufferBytes: CInt = 512 * 1024

    /// How long a stop lets requests in hand wait for their records: what is left of the five seconds that a daemon has
    /// goes to their answers.
    private static let stopMilliseconds = 3_000

    private let configuration: Configuration
    private let sites: SiteDirectory
    private let subjectSecret: SubjectSecret
    private let reloads: ReloadCounter
    private let logger: Logger

    /// Reads every key that the configuration names; throws when the subject secret cannot be used. A site whose keys
    /// cannot be used is named in the log and answers 503.
    public init(
        configuration: Configuration, reloads: ReloadCounter, logger: Logger
    ) throws(ConfigurationErrors) {
        let loaded = try LoadedConfiguration(configuration)
        self.configuration = configuration
        self.reloads = reloads
        self.logger = logger
        sites = SiteDirectory(loaded.sites)
        subjectSecret = loaded.subjectSecret
        for warning in loaded.warnings { logger.warning("\(warning)") }
        tell(loaded.unusableKeys, keptSites: [])
    }

    /// Brings the sites of `configuration` and their keys into force, all at once, for requests that come from now on.
    ///
    /// Throws when the subject secret cannot be used, and then changes nothing. Throws `IncompleteReload` when the keys of
    /// some sites cannot: those go on as they were, or answer 503 where there is nothing to go on with; the others are in
    /// force. What else has changed is said in the log, as it waits for a new start.
    public func reload(_ configuration: Configuration) throws {
        let loaded = try LoadedConfiguration(configuration)
        let keptSites = sites.replace(with: loaded.sites)
        let unusable = Set(loaded.unusableKeys.map(\.site))
        let reloaded = sites.names.filter { !unusable.contains($0) }
        if !reloaded.isEmpty { logger.notice("reloaded, for \(reloaded.joined(separator: ", "))") }
        for warning in loaded.warnings { logger.warning("\(warning)") }
        tellWhatWaits(configuration, loaded)
        tell(loaded.unusableKeys, keptSites: keptSites)
        guard loaded.unusableKeys.isEmpty else { throw IncompleteReload() }
    }

    /// Says which sites' keys cannot be used, why, and what becomes of these sites.
    private func tell(_ unusableKeys: [UnusableKeys], keptSites: Set<String>) {
        for unusable in unusableKeys {
            for error in unusable.errors.errors { logger.error("\(error)") }
            let fate =
                keptSites.contains(unusable.site)
                ? "is not reloaded: its keys and settings stay as they were"
                : "answers 503, since its keys cannot be used"
            logger.error("site '\(unusable.site)' \(fate). Correct the above, and send SIGHUP")
        }
    }

    private func tellWhatWaits(_ configuration: Configuration, _ loaded: LoadedConfiguration) {
        for key in configuration.responder.keysChanged(from: self.configuration.responder) {
            logger.warning("responder.\(key) has changed, which takes effect when the responder is started again")
        }
        if configuration.aggregator.socket != self.configuration.aggregator.socket {
            logger.warning("aggregator.socket has changed, which takes effect when the responder is started again")
        }
        if loaded.subjectSecret != subjectSecret {
            logger.warning(
                """
                the subject secret has changed, which takes effect when the responder is started again, and makes every \
                visitor a new one
                """)
        }
    }

    /// Serves until the process is asked to stop; then accepts no more, lets requests in hand be answered, and returns.
    /// Throws when it cannot listen.
    public func run() async throws {
        try Server.prepareLibrary()
        ProcessLimits.raiseDescriptorLimit()
        signal(SIGPIPE, SIG_IGN)
        let responder = configuration.responder
        let listener = try ListeningSocket.open(responder)
        let exposureSocket = try ListeningSocket.exposureLog(responder, logger)
        let peers = try PeerPolicy(allowing: responder.access.allowedPeers)
        let loop = try EventLoop()
        let subjectKey = SubjectKey(secret: subjectSecret.bytes)
        let forwarder = Forwarder(
            loop: loop, path: configuration.aggregator.socket, epoch: subjectKey.epoch,
            inFlightMax: responder.inFlightMax,
            deadlineMilliseconds: responder.deadlineMilliseconds, logger: logger)
        let notices = Notices(logger: logger, earlyFetch: .bySystemd())
        let signatures = SignatureQueue(
            // What is left of a request's time is for its record.
            loop: loop, deadlineMilliseconds: responder.deadlineMilliseconds / 2)
        let endpoint = Endpoint(
            sites: sites, subjectKey: subjectKey, notices: notices,
            way: Endpoint.Way(
                forward: { forwarder.forward($0, $1) }, refusal: { forwarder.refusal() },
                verification: { signatures.submit(of: $0, $1, $2) }, count: { forwarder.count($0) },
                countWith: { forwarder.count($0) }))
        let exposureLog: ExposureLog? =
            switch consume exposureSocket {
            case .none: nil
            case .some(let socket):
                ExposureLog(
                    loop: loop, socket: socket,
                    door: LogDoor(sites: sites, subjectKey: subjectKey, notices: notices),
                    forward: { forwarder.forward($0, isYielding: true, $1) },
                    count: { forwarder.count($0, times: $1) }, logger: logger)
            }
        let name = listener.name
        let server = Server(
            loop: loop, listener: listener, peers: peers, limits: Self.limits(responder), logger: logger,
            handler: { endpoint.respond(to: $0, reply: $1) })
        try loop.startThread()
        try signatures.start()
        await forwarder.start { [reloads] in
            [
                .connections: UInt64(server.onLoop { $0.connectionCount }),
                .reloads: UInt64(reloads.successfulCount), .reloadsFailed: UInt64(reloads.failedCount),
            ]
        }
        try await server.start()
        try await exposureLog?.start()
        if let exposureLog { logger.notice("reading nginx's log of exposures at \(exposureLog.name)") }
        logger.notice("listening on \(name) for \(sites.names.joined(separator: ", "))")
        Supervisor.tellReady()
        try? await gracefulShutdown()
        await forwarder.giveUp(afterMilliseconds: Self.stopMilliseconds)
        await exposureLog?.stopReading()
        await server.stop()
        await exposureLog?.finish()
        await forwarder.stop()
        signatures.stop()
        await loop.stop()
        logger.notice("stopped")
    }

    private static func limits(_ responder: ResponderConfiguration) -> ServerLimits {
        ServerLimits(
            connectionsMax: responder.connectionsMax,
            requestBytesMax: Limits.parameterBytesMax + Limits.bodyBytesMax + framingBytesMax,
            bodyBytesMax: Limits.bodyBytesMax)
    }
}

extension ListeningSocket {
    fileprivate static func open(_ responder: ResponderConfiguration) throws(SocketFailure) -> ListeningSocket {
        let access = UnixSocketAccess(
            mode: responder.access.mode, owner: responder.access.owner, group: responder.access.group)
        return switch responder.listen {
        case .unix(let path): try .unix(path: path, access: access)
        case .tcp(let address, let port):
            try .tcp(address: address, port: port, receiveBufferBytes: ResponderService.receiveBufferBytes)
        case .inherited: try .inherited(receiveBufferBytes: ResponderService.receiveBufferBytes)
        }
    }
}
