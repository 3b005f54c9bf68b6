import ConfigurationFile
import Credentials
import EventLoop
import FastCGI
import Glibc
import Logging
import Records
import ServiceLifecycle
import Sockets

/// The responder: FastCGI requests in, durable records out.
public struct ResponderService: Service {
    /// What framing adds to the longest parameters and body: eight bytes a record and its padding.
    private static let framingBytesMax = 16 * 1024
    fileprivate static let receiveBufferBytes: CInt = 512 * 1024

    private let configuration: Configuration
    private let sites: [String: Site]
    private let subjectKey: SubjectKey
    private let logger: Logger

    /// Reads every key that the configuration names; throws at the first secret or site that cannot be used.
    public init(configuration: Configuration, logger: Logger) async throws(ConfigurationErrors) {
        self.configuration = configuration
        self.logger = logger
        do throws(ConfigurationError) {
            let secret = try SubjectSecret(file: configuration.responder.subjectSecret)
            subjectKey = SubjectKey(secret: secret.bytes)
            for warning in configuration.warnings + secret.warnings { logger.warning("\(warning)") }
        } catch {
            throw ConfigurationErrors([error])
        }
        var sites: [String: Site] = [:]
        for (name, site) in configuration.sites {
            sites[name] = try await Site(site)
            for warning in sites[name]?.credentials.warnings ?? [] { logger.warning("\(warning)") }
        }
        self.sites = sites
    }

    /// Serves until the process is asked to stop; then accepts no more, lets requests in hand be answered, and returns.
    /// Throws when it cannot listen.
    public func run() async throws {
        try Server.prepareLibrary()
        ProcessLimits.raiseDescriptorLimit()
        signal(SIGPIPE, SIG_IGN)
        let responder = configuration.responder
        let listener = try ListeningSocket.open(responder)
        let peers = try PeerPolicy(allowing: responder.access.allowedPeers)
        let loop = try EventLoop()
        let forwarder = Forwarder(
            loop: loop, path: configuration.aggregator.socket, inFlightMax: responder.inFlightMax,
            deadlineMilliseconds: responder.deadlineMilliseconds, logger: logger)
        let endpoint = Endpoint(
            sites: sites, subjectKey: subjectKey, forward: { await forwarder.forward($0) },
            count: { forwarder.count($0) }, notices: Notices(logger: logger))
        let name = listener.name
        let server = Server(
            loop: loop, listener: listener, peers: peers, limits: Self.limits(responder), logger: logger,
            handler: endpoint.respond(to:))
        try loop.startThread()
        await forwarder.start()
        try await server.start()
        logger.notice("listening on \(name) for \(sites.keys.sorted().joined(separator: ", "))")
        try? await gracefulShutdown()
        await server.stop()
        await forwarder.stop()
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
