import Glibc

/// A web server's end of a FastCGI connection, closed with the last reference.
final class Client: Sendable {
    /// How long an answer is waited for: longer than any takes, so that a test fails instead of hanging.
    private static let patienceSeconds = 10

    private let descriptor: CInt

    init(_ endpoint: Endpoint) throws {
        descriptor = try endpoint.connect()
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends all of `bytes`.
    func send(_ bytes: [UInt8]) throws {
        guard trySending(bytes) else { throw TestFailure.system("send") }
    }

    /// Sends `bytes` to a server that may refuse them half-way; whether all were sent.
    @discardableResult
    func trySending(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Says that nothing more will be sent; what is still to come can be received.
    func finishSending() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Sends a request and receives its answer.
    func exchange(_ request: [UInt8]) throws -> Answer {
        try send(request)
        return try receive()
    }

    /// The next answer, up to and with the record that ends its request.
    func receive() throws -> Answer {
        var answer = Answer()
        while !answer.isEnded {
            let header = try receive(byteCount: 8)
            let contentBytes = Int(header[4]) << 8 | Int(header[5])
            let content = try receive(byteCount: contentBytes + Int(header[6])).prefix(contentBytes)
            try answer.take(header: header, content: Array(content))
        }
        return answer
    }

    /// Waits for the end of the connection, and returns whatever came before it.
    func receiveToEnd() throws -> [UInt8] {
        var received: [UInt8] = []
        while true {
            let piece = try receive(upTo: 65_536)
            if piece.isEmpty { return received }
            received += piece
        }
    }

    /// Whether something lies here unread: bytes, or the connection's end.
    var hasArrivals: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) >= 0 || errno != EAGAIN
    }

    private func receive(byteCount: Int) throws -> [UInt8] {
        var received: [UInt8] = []
        while received.count < byteCount {
            let piece = try receive(upTo: byteCount - received.count)
            if piece.isEmpty { throw TestFailure("the connection ended before its answer did") }
            received += piece
        }
        return received
    }

    /// What comes next; nothing at the connection's end, an orderly one or another.
    private func receive(upTo countMax: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: countMax)
        let count = recv(descriptor, &bytes, countMax, 0)
        guard count >= 0 || errno == ECONNRESET else { throw TestFailure.system("recv") }
        return Array(bytes.prefix(max(0, count)))
    }
}
