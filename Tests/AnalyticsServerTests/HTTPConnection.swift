import Glibc
import Sockets

/// HTTP/1.1 over a Unix socket, written out by hand.
final class HTTPConnection: Sendable {
    private let descriptor: CInt

    init(path: String) throws {
        descriptor = try UnixSocketPath(path).connect()
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes that the socket's buffer holds.
    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
            throw Patience.Failed(code: errno)
        }
    }

    /// Whatever comes next, at least a byte; nothing at the connection's end.
    func receive() async throws -> [UInt8] {
        let descriptor = descriptor
        return try await Patience.untilReadable(descriptor) {
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            return count < 0 ? nil : Array(chunk.prefix(count))
        }
    }

    /// All that comes until the connection ends.
    func receiveToEnd() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while case let chunk = try await receive(), !chunk.isEmpty { bytes += chunk }
        return bytes
    }

    /// Whether the connection ends, with nothing before.
    func ends() async throws -> Bool {
        do {
            return try await receive().isEmpty
        } catch let failure as Patience.Failed where failure.code == ECONNRESET {
            // It was still waiting to be accepted.
            return true
        }
    }
}
