import EventLoop
import Glibc

extension ListeningSocket {
    /// Listens on a TCP address, an IPv4 or IPv6 literal.
    ///
    /// `receiveBufferBytes` is what every connection can hold unread: a request is only taken once it is whole, and the
    /// kernel's default would not hold the largest.
    public static func tcp(
        address: String, port: UInt16, receiveBufferBytes: CInt
    ) throws(SocketFailure) -> ListeningSocket {
        let name = address.contains(":") ? "tcp:[\(address)]:\(port)" : "tcp:\(address):\(port)"
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &found) == 0, let found else {
            throw SocketFailure("\(name): '\(address)' is no IP address; give one as 127.0.0.1 or ::1")
        }
        defer { freeaddrinfo(found) }
        let descriptor = try open(domain: found.pointee.ai_family, type: SOCK_STREAM, name: name)
        set(SO_REUSEADDR, of: descriptor, to: 1)
        set(SO_RCVBUF, of: descriptor, to: receiveBufferBytes)
        guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0, listen(descriptor, backlog) == 0
        else {
            let code = errno
            close(descriptor)
            throw SocketFailure("\(name): \(reason(code))")
        }
        return ListeningSocket(descriptor: descriptor, name: name, path: nil)
    }

    static func set(_ option: CInt, of descriptor: CInt, to value: CInt) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EADDRINUSE: "another process listens there; stop it or configure another port"
        case EADDRNOTAVAIL: "this machine has no such address; configure one that it has"
        case EACCES: "this user may not listen there; configure a port of 1024 or more"
        default: "\(SystemError("bind", code: code))"
        }
    }
}
