import EventLoop
import Foundation
import Logs
import Sockets
import Synchronization
import Testing

@testable import FastCGI

/// A server on an event loop with a thread of its own.
final class TestServer: Sendable {
    let endpoint: Endpoint
    let server: Server
    private let loop: EventLoop
    private let requests: Mutex<[Request]>

    /// libfcgi is prepared once a process.
    private static let preparation = Result { try Server.prepareLibrary() }

    static let limits = ServerLimits(
        connectionsMax: 4_000, requestBytesMax: 96 * 1024, bodyBytesMax: 16 * 1024,
        requestDeadlineMilliseconds: 3_600_000)

    private init(
        _ transport: Transport, path: String, limits: ServerLimits, peers: PeerPolicy,
        handler: @escaping Server.RequestHandler
    ) async throws {
        try Self.preparation.get()
        ProcessLimits.raiseDescriptorLimit()
        loop = try EventLoop()
        let requests = Mutex<[Request]>([])
        self.requests = requests
        let listener: ListeningSocket
        switch transport {
        case .unix:
            endpoint = .unix(path: path)
            listener = try .unix(path: path, access: UnixSocketAccess(mode: 0o600, group: nil))
        case .tcp:
            listener = try .tcp(address: "127.0.0.1", port: 0, receiveBufferBytes: 512 * 1024)
            endpoint = .tcp(port: Self.port(of: listener.descriptor))
        }
        server = Server(loop: loop, listener: listener, peers: peers, limits: limits, logger: .silent, handler: handler)
        try loop.startThread()
        try await server.start()
    }
}
