import Foundation

/// A FastCGI client on one connection, written byte by byte from the specification, for what nginx never sends.
final class FastCGIConnection {
    private let descriptor: Int32
    private var buffered: [UInt8] = []

    /// Connects to a Unix socket.
    init(unix path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try Self.connect(descriptor, &address)
    }

    /// Connects to a port of the loopback address.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        try Self.connect(descriptor, &address)
    }

    deinit {
        close(descriptor)
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) throws {
        let size = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            sent += count
        }
    }

    /// The next answer, as the responder wrote it; nil when the connection ends before one is whole.
    func answer() -> String? {
        var output: [UInt8] = []
        while let record = record() {
            if record.type == 6 { output += record.content }
            if record.type == 3 { return String(decoding: output, as: UTF8.self) }
        }
        return nil
    }

    private func record() -> (type: UInt8, content: [UInt8])? {
        guard let header = take(8), let content = take(Int(header[4]) << 8 | Int(header[5])),
            take(Int(header[6])) != nil
        else { return nil }
        return (header[1], content)
    }

    private func take(_ count: Int) -> [UInt8]? {
        while buffered.count < count {
            var chunk = [UInt8](repeating: 0, count: 4096)
            let received = recv(descriptor, &chunk, chunk.count, 0)
            guard received > 0 else { return nil }
            buffered += chunk[..<received]
        }
        defer { buffered.removeFirst(count) }
        return Array(buffered.prefix(count))
    }
}

/// Requests as bytes.
enum FastCGIBytes {
    /// A whole request that the endpoint answers with 201, or another where `parameters` and `body` say so.
    static func request(
        parameters: [(String, String)] = [], body: String = ConversionRequest.body(), keepsConnection: Bool = true
    ) -> [UInt8] {
        let all =
            [
                ("REQUEST_METHOD", "POST"), ("DOCUMENT_URI", ConversionRequest.path),
                ("CONTENT_TYPE", "application/json"),
                ("CONTENT_LENGTH", "\(body.utf8.count)"),
                ("HTTP_COOKIE", "blaize_tracking_id=visitor; blaize_session=s"),
            ] + parameters
        return record(1, [0, 1, keepsConnection ? 1 : 0, 0, 0, 0, 0, 0]) + stream(4, all.flatMap(pair))
            + stream(5, Array(body.utf8))
    }

    static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }

    /// The content in records, and the empty one that ends it.
    private static func stream(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        stride(from: 0, to: content.count, by: 32_000).flatMap { start in
            record(type, Array(content[start..<min(start + 32_000, content.count)]))
        } + record(type, [])
    }

    private static func pair(_ name: String, _ value: String) -> [UInt8] {
        length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 128
            ? [UInt8(count)]
            : [UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    }
}
