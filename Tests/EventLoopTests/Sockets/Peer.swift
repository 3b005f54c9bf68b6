import EventLoop
import Foundation
import Glibc
import TestSupport

/// The other end of a listening socket, and what the system says of both.
enum Peer {
    /// Connects to a Unix socket and says whether that worked.
    static func canConnect(to path: String) -> Bool {
        guard let descriptor = try? UnixSocketPath(path).connect() else { return false }
        close(descriptor)
        return true
    }

    /// Connects to the TCP socket that `descriptor` is and says whether that worked.
    static func canConnect(toAddressOf descriptor: CInt) -> Bool {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                getsockname(descriptor, pointer, &size) == 0
            else { return false }
            let client = socket(CInt(pointer.pointee.sa_family), CInt(SOCK_STREAM.rawValue), 0)
            defer { close(client) }
            return connect(client, pointer, size) == 0
        }
    }

    /// The TCP port that `descriptor` is bound to.
    static func port(of descriptor: CInt) -> UInt16 {
        // The port stands in the same place for IPv4 and IPv6.
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.baseAddress.map { getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self), &size) }
        }
        return UInt16(bigEndian: address.sin6_port)
    }

    static func status(of path: String) throws(SystemError) -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemError("lstat") }
        return status
    }

    /// Whether the file descriptor is open.
    static func isOpen(_ descriptor: CInt) -> Bool {
        fcntl(descriptor, F_GETFD) >= 0
    }
}

extension TemporaryDirectory {
    var socket: String { path + "/x.sock" }

    func contents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }
}
