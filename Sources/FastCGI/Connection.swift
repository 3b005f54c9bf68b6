import CFastCGI
import Glibc

/// One accepted connection. Lives in its ``Server`` alone.
final class Connection {
    /// Names a connection where the connection itself cannot go. A descriptor's number is used again; the serial is not.
    struct ID: Hashable, Sendable {
        let descriptor: CInt
        let serial: UInt64
    }

    enum State {
        /// Waiting for a request, or for the rest of one.
        case receiving
        /// A request is being answered.
        case handling
        /// The last answer is written. What the peer still sends is dropped, until it has read the answer.
        case draining
    }

    let id: ID
    var state = State.receiving
    var requestGuard: RequestGuard
    /// What the guard needs before it can say more.
    var bytesNeeded = 1
    /// Counts the connection's requests, so that a deadline knows whether it is still about the same one.
    var requestNumber: UInt64 = 0
    var hasDeadline = false
    /// Something arrived while a request was being answered.
    var hasArrivals = false
    /// The peer sends no more. That is told once, so it is kept.
    var isPeerClosed = false
    /// The connection ends with the answer: what lies unread in it must not be taken for a request, or none can come.
    var closesAfterAnswer = false
    /// The peer may still be sending the body of the request that is answered.
    var hasUnreadBody = false
    /// How many bytes were dropped while draining.
    var drainedBytes = 0
    /// Its place among those that wait for a request, which ``IdleConnections`` alone changes.
    var idlePlace: IdleConnections.Place?

    /// Of the request that is being answered.
    private var requestID: UInt16 = 0
    private(set) var isClosed = false

    /// Takes over the descriptor.
    init(id: ID, limits: ServerLimits) {
        self.id = id
        requestGuard = RequestGuard(limits: limits)
    }

    deinit {
        close()
    }

    func close() {
        if isClosed { return }
        isClosed = true
        Glibc.close(id.descriptor)
    }

    /// The request that the guard has found in the socket buffer, as far as it matters for the connection.
    func began(_ request: RequestReader.Head) {
        requestID = request.id
        if !request.keepsConnection { closesAfterAnswer = true }
    }

    /// libfcgi closed the connection when it could not read the request.
    func wasClosed() {
        isClosed = true
    }

    /// Makes ready for the next request on the same connection.
    func expectNextRequest(limits: ServerLimits) {
        state = .receiving
        requestGuard = RequestGuard(limits: limits)
        bytesNeeded = 1
        requestNumber += 1
        hasDeadline = false
    }

    /// Writes the answer and ends the request; afterwards the connection is closed or ready for the next one.
    func answer(_ response: EncodedResponse) {
        if !write(response) || closesAfterAnswer { close() }
    }

    /// Writes the answer, the connection's last, and leaves it open for reading: who closes what it has not read makes the web
    /// server lose the answer.
    func answerLast(_ response: EncodedResponse) {
        if write(response) { shutdown(id.descriptor, CInt(SHUT_WR)) } else { close() }
    }

    /// False where the socket takes no more: the web server is gone, or does not read.
    private func write(_ response: EncodedResponse) -> Bool {
        response.records(ofRequest: requestID).withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = send(
                    id.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                    CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}

/// Open connections, each in the place of its descriptor, of which the system gives the lowest that are free.
struct Connections {
    private var places: [Connection?] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var all: [Connection] { places.compactMap(\.self) }

    /// nil where that one is closed, whoever may have its descriptor by now.
    subscript(id: Connection.ID) -> Connection? {
        let place = Int(id.descriptor)
        guard place < places.count, let connection = places[place], connection.id.serial == id.serial else {
            return nil
        }
        return connection
    }

    mutating func insert(_ connection: Connection) {
        let place = Int(connection.id.descriptor)
        while places.count <= place { places.append(nil) }
        places[place] = connection
        count += 1
    }

    /// Takes it out, if it is in here.
    mutating func remove(_ connection: Connection) {
        guard self[connection.id] === connection else { return }
        places[Int(connection.id.descriptor)] = nil
        count -= 1
    }
}

/// libfcgi, reading one request after the other, of whichever connection.
///
/// What it makes of a request is let go as soon as that was handled, and not when it is answered: so memory is used again at
/// once, and a thousand requests that wait for their records take none of libfcgi's.
final class RequestReader {
    /// What matters of a request to whoever answers it.
    struct Head {
        let id: UInt16
        /// Whether the web server wants to go on using the connection.
        let keepsConnection: Bool
    }

    private let request: UnsafeMutablePointer<FCGX_Request>

    init() {
        request = .allocate(capacity: 1)
        request.initialize(to: FCGX_Request())
    }

    deinit {
        request.deallocate()
    }

    /// Lets libfcgi read the request that the guard has found in the socket buffer, and `handle` look at it. `scratch` holds any
    /// body; the request is a view of it, and of what libfcgi has.
    ///
    /// Nothing may be read while `handle` runs. An error leaves the connection open, or closed as it says.
    func read(
        from descriptor: CInt, scratch: UnsafeMutableRawBufferPointer, hasWholeBody: Bool,
        _ handle: (Head, Request) -> Void
    ) throws(RequestReadError) {
        guard fastcgi_read(request, descriptor) == 0 else {
            throw RequestReadError(refusal: .libraryRefused, isClosed: fastcgi_has_closed(request) != 0)
        }
        defer { fastcgi_release(request) }
        guard FCGX_GetError(request.pointee.in) == 0 else {
            throw RequestReadError(refusal: .libraryRefused, isClosed: false)
        }
        // The first is libfcgi's own, FCGI_ROLE; those that were sent follow.
        let parameters = Parameters(environment: request.pointee.envp?.advanced(by: 1))
        let head = Head(
            id: UInt16(truncatingIfNeeded: fastcgi_request_id(request)),
            keepsConnection: fastcgi_keeps_connection(request) != 0)
        if hasWholeBody {
            handle(head, Request(parameters: parameters, bodyBytes: try readBody(scratch)))
        } else {
            handle(head, Request(parameters: parameters, body: .tooLarge))
        }
    }

    /// Reads the body to its end-of-stream record, not merely to `CONTENT_LENGTH`: what is left unread would be taken
    /// for the next request.
    private func readBody(
        _ scratch: UnsafeMutableRawBufferPointer
    ) throws(RequestReadError) -> UnsafeRawBufferPointer {
        let count = FCGX_GetStr(
            scratch.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(scratch.count), request.pointee.in)
        guard count < scratch.count, FCGX_GetError(request.pointee.in) == 0 else {
            throw RequestReadError(refusal: .cutShort, isClosed: false)
        }
        return UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)])
    }
}

/// libfcgi could not read a request that the guard took for whole.
struct RequestReadError: Error {
    let refusal: RequestRefusal
    /// Whether libfcgi has closed the connection.
    let isClosed: Bool
}

/// Memory that socket contents are looked at in, one for all connections: they are served one at a time.
final class PeekBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        bytes.deallocate()
    }

    enum Content {
        case bytes(UnsafeRawBufferPointer)
        /// Nothing has arrived.
        case none
        /// The peer has closed the connection, or it is broken.
        case ended
    }

    /// What lies in the socket buffer of `descriptor`, without taking it out.
    func peek(_ descriptor: CInt) -> Content {
        receive(descriptor, CInt(MSG_PEEK | MSG_DONTWAIT))
    }

    /// The next of it, taken out.
    func take(_ descriptor: CInt) -> Content {
        receive(descriptor, CInt(MSG_DONTWAIT))
    }

    private func receive(_ descriptor: CInt, _ flags: CInt) -> Content {
        while true {
            let count = recv(descriptor, bytes.baseAddress, bytes.count, flags)
            if count > 0 { return .bytes(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .none
            default: return .ended
            }
        }
    }
}
