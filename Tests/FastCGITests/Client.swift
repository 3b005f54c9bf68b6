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

/// What a FastCGI server answered to one request.
struct Answer {
    private(set) var requestID: Int?
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    private(set) var isEnded = false

    /// Takes in the next record.
    mutating func take(header: [UInt8], content: [UInt8]) throws {
        let id = Int(header[2]) << 8 | Int(header[3])
        guard header[0] == 1 else { throw TestFailure("a record of version \(header[0])") }
        guard requestID == nil || requestID == id else { throw TestFailure("a record of another request") }
        requestID = id
        switch header[1] {
        case Wire.RecordType.output: output += content
        case Wire.RecordType.errors: errors += content
        case Wire.RecordType.end:
            guard content == [UInt8](repeating: 0, count: 8) else {
                throw TestFailure("a request that did not end well")
            }
            isEnded = true
        default: throw TestFailure("a record of type \(header[1])")
        }
    }

    /// The output's first line without its name.
    var status: String? {
        lines.first.flatMap { $0.hasPrefix("Status: ") ? String($0.dropFirst(8)) : nil }
    }

    func header(_ name: String) -> String? {
        lines.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    var body: String {
        let text = String(decoding: output, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[end.upperBound...])
    }

    private var lines: [Substring] {
        String(decoding: output, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    }
}

/// What the tests run over. Unix sockets charge for every write, so what is sent byte by byte goes over TCP.
enum Transport: CaseIterable, Sendable {
    case unix
    case tcp
}

/// Where a server listens.
enum Endpoint: Sendable {
    case unix(path: String)
    /// On 127.0.0.1.
    case tcp(port: UInt16)

    /// A connected, blocking socket.
    func connect() throws -> CInt {
        switch self {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return try Self.connect(AF_UNIX, address)
        case .tcp(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let descriptor = try Self.connect(AF_INET, address)
            var one: CInt = 1
            setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
            return descriptor
        }
    }

    private static func connect<Address>(_ domain: CInt, _ address: Address) throws -> CInt {
        let descriptor = socket(domain, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure.system("socket") }
        let size = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        guard result == 0 else {
            defer { close(descriptor) }
            throw TestFailure.system("connect")
        }
        return descriptor
    }
}

/// Why a test's own machinery could not go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// A call that failed, with what the system says.
    static func system(_ call: String) -> TestFailure {
        TestFailure("\(call): \(String(cString: strerror(errno)))")
    }
}
