import Glibc

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
