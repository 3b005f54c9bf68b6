import EventLoop
import Foundation
import Glibc

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

/// An answer as it came over the socket.
struct HTTPAnswer: Equatable {
    struct Malformed: Error {
        let text: String
    }

    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let body: String

    /// Reads an answer that the end of the connection ends.
    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { throw Malformed(text: text) }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw Malformed(text: text) }
        self.status = status
        headers = Dictionary(
            lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            }, uniquingKeysWith: { first, _ in first })
        body = String(text[end.upperBound...])
    }
}

/// Waits for what a peer does: for the event, and never longer than a minute, so that a failed test ends.
enum Patience {
    struct Lost: Error {}
    struct Failed: Error {
        let code: CInt
    }

    private static let minuteMilliseconds: CInt = 60_000

    /// What `read` gives once `descriptor` is readable; nil is an error.
    ///
    /// Waits on a thread of its own: those of Swift's tasks are as few as there are processors.
    static func untilReadable(
        _ descriptor: CInt, _ read: @escaping @Sendable () -> [UInt8]?
    ) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try whenReadable(descriptor, read) })
            }
        }
    }

    private static func whenReadable(_ descriptor: CInt, _ read: () -> [UInt8]?) throws -> [UInt8] {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, minuteMilliseconds) == 1 else { throw Lost() }
        guard let bytes = read() else { throw Failed(code: errno) }
        return bytes
    }
}
