import CCurl
import Dispatch
import Synchronization

/// Sends requests over TCP, TLS and Unix sockets, several at a time, and keeps their connections for the next ones.
///
/// It follows no redirect, stores no cookie and obeys no `http_proxy`. Certificates have to be signed by whom Debian
/// trusts, or whom its options name. A request goes out once at most: where a connection that was kept turns out to be dead just as the request
/// is sent on it, the request fails, since it may have arrived.
///
/// Its connections are closed when nobody has the client any more.
public final class HTTPClient: Sendable {
    /// What is the same for all requests.
    public struct Options: Sendable {
        /// How many connections there are to each host at most. Requests beyond them wait, and their time runs.
        public var connectionsPerHost = 1
        /// For looking the name up, the connection and TLS together.
        public var connectTimeoutSeconds = 5
        /// Whether an HTTPS server may choose HTTP/2. Otherwise all is HTTP/1.1.
        public var offersHTTP2 = false
        /// Where to connect to, whatever a URL names as its host; the port stays the URL's.
        public var address: String?
        /// A file of certificates in PEM: whoever one of them belongs to is trusted, and nobody that Debian trusts.
        public var authorities: String?
        /// False takes every certificate, for servers that a test has set up.
        public var verifiesCertificates = true

        public init(connectionsPerHost: Int = 1) {
            self.connectionsPerHost = connectionsPerHost
        }
    }

    /// Nil where libcurl is not there.
    private let thread: TransferThread?
    private let queue = DispatchQueue(label: "HTTPRequests")

    public init(_ options: Options = Options()) {
        thread = TransferThread(options)
        queue.async { [thread] in thread?.run() }
    }

    deinit {
        thread?.stop()
        // Until the connections are closed. A process that ends meanwhile would take OpenSSL down under them.
        queue.sync {}
    }

    /// Sends a request and returns the whole answer, of whatever status.
    public func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        guard let thread else { throw .withoutLibrary }
        let cancellation = Cancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                thread.add(Order(request: request, cancellation: cancellation, continuation: continuation))
            }
        } onCancel: {
            cancellation.isRequested.store(true, ordering: .relaxed)
            thread.wake()
        }
        return try result.get()
    }
}

/// Whether the task that waits for an answer was cancelled.
final class Cancellation: Sendable {
    let isRequested = Atomic(false)
}

/// A request, and whom to answer.
struct Order: Sendable {
    let request: HTTPRequest
    let cancellation: Cancellation
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
}

/// The one thread on which curl runs, for all of a client's transfers.
private final class TransferThread: Sendable {
    private struct State {
        var arrived: [Order] = []
        var isStopped = false
    }

    /// Once in the process, before anything else of curl's.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let options: HTTPClient.Options
    /// curl's handle for several transfers. All that is done with it is done on the thread, but for waking that up,
    /// which curl allows from elsewhere. Nobody does so after the stop, which the lock of `state` sees to, and the
    /// handle lasts until after the stop.
    private nonisolated(unsafe) let handle: UnsafeMutableRawPointer
    private let state = Mutex(State())

    init?(_ options: HTTPClient.Options) {
        guard Self.isReady else { return nil }
        guard let handle = curl_multi_init() else { preconditionFailure("libcurl finds no memory") }
        self.options = options
        self.handle = handle
        curl_multi_set_number(handle, CURLMOPT_MAX_HOST_CONNECTIONS, options.connectionsPerHost)
    }

    func add(_ order: Order) {
        state.withLock {
            $0.arrived.append(order)
            curl_multi_wakeup(handle)
        }
    }

    /// Has the thread look for cancellations.
    func wake() {
        state.withLock { if !$0.isStopped { curl_multi_wakeup(handle) } }
    }

    /// Ends the thread when its last transfer has ended.
    func stop() {
        state.withLock {
            $0.isStopped = true
            curl_multi_wakeup(handle)
        }
    }

    /// Returns after a stop.
    func run() {
        var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
        while begin(&transfers) {
            var running: CInt = 0
            curl_multi_perform(handle, &running)
            endFinished(&transfers)
            // curl returns before that when one of its own times is up. The minute is for nothing.
            curl_multi_poll(handle, nil, 0, 60_000, nil)
            for (key, transfer) in transfers where transfer.isCancelled { end(key, .failure(.cancelled), &transfers) }
        }
        curl_multi_cleanup(handle)
    }

    /// Begins what has arrived. False when nothing is left to do, ever.
    private func begin(_ transfers: inout [UnsafeMutableRawPointer: Transfer]) -> Bool {
        let state = state.withLock { state in
            defer { state.arrived = [] }
            return state
        }
        for order in state.arrived {
            do {
                let transfer = try Transfer(order, options)
                transfers[transfer.handle] = transfer
                curl_multi_add_handle(handle, transfer.handle)
            } catch {
                order.continuation.resume(returning: .failure(error))
            }
        }
        return !state.isStopped || !transfers.isEmpty
    }

    private func endFinished(_ transfers: inout [UnsafeMutableRawPointer: Transfer]) {
        var rest: CInt = 0
        while let message = curl_multi_info_read(handle, &rest)?.pointee {
            guard message.msg == CURLMSG_DONE, let key = message.easy_handle, let transfer = transfers[key] else {
                continue
            }
            end(key, transfer.result(message.data.result), &transfers)
        }
    }

    private func end(
        _ key: UnsafeMutableRawPointer, _ result: Result<HTTPResponse, HTTPFailure>,
        _ transfers: inout [UnsafeMutableRawPointer: Transfer]
    ) {
        curl_multi_remove_handle(handle, key)
        transfers.removeValue(forKey: key)?.order.continuation.resume(returning: result)
    }
}
