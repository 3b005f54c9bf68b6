import CFastCGI
import Glibc

/// One accepted connection and the libfcgi request that reads and answers on it. Lives in its ``Server`` alone.
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

    private let request: UnsafeMutablePointer<FCGX_Request>

    /// Takes over the descriptor: libfcgi closes it.
    init?(id: ID, limits: ServerLimits) {
        self.id = id
        requestGuard = RequestGuard(limits: limits)
        request = .allocate(capacity: 1)
        request.initialize(to: FCGX_Request())
        guard fastcgi_adopt(request, id.descriptor) == 0 else {
            // libfcgi has nothing to close; what is allocated goes with `deinit`, which a failed `init` runs, too.
            Glibc.close(id.descriptor)
            return nil
        }
    }

    deinit {
        close()
        request.deallocate()
    }

    var isClosed: Bool { fastcgi_is_closed(request) != 0 }

    func close() {
        fastcgi_close(request)
    }

    /// Lets libfcgi read the request that the guard has found in the socket buffer. `scratch` holds any body; the request is
    /// a view of it, and of what libfcgi has.
    func read(
        scratch: UnsafeMutableRawBufferPointer, hasWholeBody: Bool
    ) throws(RequestReadError) -> Request {
        guard FCGX_Accept_r(request) == 0, FCGX_GetError(request.pointee.in) == 0 else {
            throw RequestReadError(refusal: .libraryRefused)
        }
        // The first is libfcgi's own, FCGI_ROLE; those that were sent follow.
        let parameters = Parameters(environment: request.pointee.envp?.advanced(by: 1))
        guard hasWholeBody else { return Request(parameters: parameters, body: .tooLarge) }
        return Request(parameters: parameters, bodyBytes: try readBody(scratch))
    }

    /// Reads the body to its end-of-stream record, not merely to `CONTENT_LENGTH`: what is left unread would be taken
    /// for the next request.
    private func readBody(
        _ scratch: UnsafeMutableRawBufferPointer
    ) throws(RequestReadError) -> UnsafeRawBufferPointer {
        let count = FCGX_GetStr(
            scratch.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(scratch.count), request.pointee.in)
        guard count < scratch.count, FCGX_GetError(request.pointee.in) == 0 else {
            throw RequestReadError(refusal: .cutShort)
        }
        return UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)])
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
        write(response)
        fastcgi_finish(request, closesAfterAnswer ? 1 : 0)
    }

    /// Writes the answer, the connection's last, and leaves it open for reading.
    func answerLast(_ response: EncodedResponse) {
        write(response)
        fastcgi_finish_writing(request)
    }

    private func write(_ response: EncodedResponse) {
        response.bytes.withUnsafeBytes { bytes in
            _ = FCGX_PutStr(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(bytes.count), request.pointee.out)
        }
    }
}

/// libfcgi could not read a request that the guard took for whole.
struct RequestReadError: Error {
    let refusal: RequestRefusal
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
