import Foundation

/// A visitor's connection to an nginx of this machine, from an address of its own, over which a test sends byte by byte.
final class VisitorConnection {
    private let descriptor: Int32
    private var received = ""

    /// - Parameter source: an address of the loopback network, such as `127.0.0.2`.
    init(port: Int, from source: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var (here, there) = (Self.address(source, port: 0), Self.address("127.0.0.1", port: port))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &here) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
        let isConnected = withUnsafePointer(to: &there) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
        guard isBound, isConnected else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit {
        close(descriptor)
    }

    private static func address(_ text: String, port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr(text)
        return address
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        // As little as a test sends, the kernel takes at once.
        let sent = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard sent == bytes.count else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    /// The status of what has been answered by now; nil while nothing has.
    var statusSoFar: Int? {
        receive(Int32(MSG_DONTWAIT))
        return status
    }

    /// The status of the next answer, once it is there; nil where the connection ends without one.
    func nextStatus() -> Int? {
        while status == nil, receive(0) {}
        return status
    }

    private var status: Int? {
        received.firstMatch(of: /^HTTP\/1\.1 (\d{3})\s/).flatMap { Int($0.1) }
    }

    @discardableResult
    private func receive(_ flags: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &chunk, chunk.count, flags)
        if count > 0 { received += String(decoding: chunk[..<count], as: UTF8.self) }
        return count > 0
    }
}

extension Deployment {
    /// Sends a conversion from another address of this machine, over a connection of its own; gives the status.
    func convert(from source: String, visitor: String = "visitor", port: Int? = nil) throws -> Int? {
        let connection = try VisitorConnection(port: port ?? self.port, from: source)
        let body = ConversionRequest.body()
        try connection.send(
            """
            POST \(ConversionRequest.path) HTTP/1.1\r
            Host: www.example.com\r
            Cookie: blaize_tracking_id=\(visitor); blaize_session=session\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r
            \(body)
            """)
        return connection.nextStatus()
    }
}
