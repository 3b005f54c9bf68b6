import Daemon
import EventLoop
import Foundation
import Synchronization
import Testing

@testable import FastCGI

/// A server on an event loop with a thread of its own.
struct TestServer: Sendable {
    let endpoint: Endpoint
    let server: Server
    let loop: EventLoop
    /// The requests that the handler was called with, in order.
    let handled: Recorder<HandledRequest>

    /// Nothing here is timed, so the deadline is an hour unless a test is about it.
    static func limits(
        connectionsMax: Int = 4_000, requestDeadlineMilliseconds: Int = 3_600_000, idleMilliseconds: Int = 3_600_000
    ) -> ServerLimits {
        ServerLimits(
            connectionsMax: connectionsMax, requestBytesMax: 96 * 1024, bodyBytesMax: 16 * 1024,
            requestDeadlineMilliseconds: requestDeadlineMilliseconds, idleMilliseconds: idleMilliseconds)
    }

    /// Answers a request, when it likes.
    typealias Handler = @Sendable (HandledRequest) async -> Response

    /// libfcgi is prepared once a process.
    private static let preparation = Result { try Server.prepareLibrary() }

    /// Runs `body` with a server that has started, and stops the server.
    static func run(
        _ transport: Transport = .unix, limits: ServerLimits = limits(), peers: [String] = [],
        handler: @escaping Handler = echo, answersAtOnce: Bool = false,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try preparation.get()
        ProcessLimits.raiseDescriptorLimit()
        let path = FileManager.default.temporaryDirectory.path + "/fastcgi-\(UUID().uuidString).sock"
        let listener = try listen(transport, path: path)
        let endpoint = transport == .unix ? .unix(path: path) : Endpoint.tcp(port: port(of: listener.descriptor))
        let loop = try EventLoop()
        let handled = Recorder<HandledRequest>()
        let server = Server(
            loop: loop, listener: listener, peers: try PeerPolicy(allowing: peers), limits: limits, logger: .silent
        ) { request, reply in
            let request = HandledRequest(request)
            handled.note(request)
            if answersAtOnce { return reply(echoed(request).encoded()) }
            Task(executorPreference: loop.executor) { reply(await handler(request).encoded()) }
        }
        try loop.startThread()
        try await server.start()
        try await body(TestServer(endpoint: endpoint, server: server, loop: loop, handled: handled))
        await server.stop()
        await loop.stop()
    }

    /// Answers with the request's body; or, where it has none, with what is wrong with it.
    @Sendable static func echo(_ request: HandledRequest) async -> Response {
        echoed(request)
    }

    private static func echoed(_ request: HandledRequest) -> Response {
        switch request.body {
        case .bytes(let bytes):
            var response = Response(status: 200, reasonPhrase: "OK", body: String(decoding: bytes, as: UTF8.self))
            response.add("X-Name", request.parameters.text("NAME") ?? "")
            return response
        case .tooLarge:
            return Response(status: 413, reasonPhrase: "Content Too Large")
        case .otherLength(let bytes, let announced):
            return Response(status: 400, reasonPhrase: "Bad Request", body: "\(bytes), not \(announced)")
        }
    }

    func connect() throws -> Client {
        try Client(endpoint)
    }

    /// Has a request answered on a connection of its own. What arrived before it has been seen by the server then.
    func expectAnswer(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let answer = try connect().exchange(Wire.request(body: "still there", keepsConnection: false))
        #expect(answer.body == "still there", sourceLocation: sourceLocation)
    }

    private static func listen(_ transport: Transport, path: String) throws -> ListeningSocket {
        switch transport {
        case .unix: try .unix(path: path, access: UnixSocketAccess(mode: 0o600, group: nil))
        case .tcp: try .tcp(address: "127.0.0.1", port: 0, receiveBufferBytes: 512 * 1024)
        }
    }

    private static func port(of descriptor: CInt) -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            _ = bytes.baseAddress.map { getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self), &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// What a handler was given, kept beyond its call.
struct HandledRequest: Sendable {
    struct Parameters: Sendable {
        fileprivate(set) var pairs: [(name: [UInt8], value: [UInt8])] = []

        func all(_ name: String) -> [[UInt8]] {
            pairs.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
        }

        func text(_ name: String) -> String? {
            all(name).last.map { String(decoding: $0, as: UTF8.self) }
        }

        var byteCount: Int {
            pairs.reduce(0) { $0 + $1.name.count + $1.value.count }
        }
    }

    enum Body: Sendable {
        case bytes([UInt8])
        case tooLarge
        case otherLength(bytes: Int, announced: String)
    }

    private(set) var parameters = Parameters()
    let body: Body

    init(_ request: Request) {
        body =
            switch request.body {
            case .bytes(let bytes): .bytes(Array(bytes))
            case .tooLarge: .tooLarge
            case .otherLength(let bytes, let announced): .otherLength(bytes: bytes, announced: announced)
            }
        request.parameters.forEach { parameters.pairs.append((Array($0), Array($1))) }
    }

    /// The body, where it was read.
    var bodyBytes: [UInt8]? {
        guard case .bytes(let bytes) = body else { return nil }
        return bytes
    }
}

/// What happened, in order, told from any thread.
final class Recorder<Event: Sendable>: Sendable {
    private let log = Mutex<[Event]>([])

    func note(_ event: Event) {
        log.withLock { $0.append(event) }
    }

    var events: [Event] {
        log.withLock { $0 }
    }
}

/// Holds requests up until a test lets them go on.
final class Gate: Sendable {
    private enum State {
        case closed([CheckedContinuation<Void, Never>])
        case open
    }

    private let state = Mutex(State.closed([]))
    private let arrivals = AsyncStream<Void>.makeStream()

    /// Returns when the gate is open.
    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                guard case .closed(let waiting) = state else { return true }
                state = .closed(waiting + [continuation])
                return false
            }
            arrivals.continuation.yield()
            if isOpen { continuation.resume() }
        }
    }

    /// Lets everyone pass, now and later.
    func open() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard case .closed(let waiting) = state else { return [] }
            state = .open
            return waiting
        }
        waiting.forEach { $0.resume() }
    }

    /// Returns when so many more have come to the gate. One caller at a time.
    func awaitArrivals(_ count: Int = 1) async {
        var remaining = count
        for await _ in arrivals.stream {
            remaining -= 1
            if remaining == 0 { return }
        }
    }
}
