import Foundation
import Synchronization

/// A server on a Unix socket that answers with the bytes that a test has for it, and keeps the bytes that it was sent.
final class ScriptedServer: Sendable {
    enum Reply {
        case answer(String)
        /// The connection ends after it.
        case last(String)
        case none
    }

    /// What a request is answered with, given how many have come on its connection.
    typealias Script = @Sendable (_ count: Int) -> Reply

    let path: String
    private let listener: CInt
    private let script: Script
    private let state = Mutex((requests: [String](), connections: 0))

    init(_ script: @escaping Script) throws {
        path = "\(NSTemporaryDirectory())http-\(UUID().uuidString.prefix(8)).sock"
        self.script = script
        listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout.size(ofValue: address))
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard bound == 0, listen(listener, 64) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        Thread.detachNewThread { [listener, self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                state.withLock { $0.connections += 1 }
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    /// Listens no more. It is to be called at the end: the thread that accepts holds on to this.
    func stop() {
        shutdown(listener, CInt(SHUT_RDWR))
        unlink(path)
    }

    /// Everything that came, one text for each request.
    var requests: [String] { state.withLock { $0.requests } }

    /// How many connections there were.
    var connections: Int { state.withLock { $0.connections } }

    private func serve(_ connection: CInt) {
        defer { close(connection) }
        var count = 0
        while let request = Self.request(from: connection) {
            count += 1
            state.withLock { $0.requests.append(request) }
            switch script(count) {
            case .answer(let text): Self.send(text, to: connection)
            case .last(let text): return Self.send(text, to: connection)
            case .none: break
            }
        }
    }

    private static func send(_ text: String, to connection: CInt) {
        let bytes = Array(text.utf8)
        _ = Foundation.send(connection, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    /// The next request with its body, whose length it says; nil at the end of the connection.
    private static func request(from connection: CInt) -> String? {
        var text = ""
        var byte: UInt8 = 0
        func take() -> Bool {
            guard recv(connection, &byte, 1, 0) == 1 else { return false }
            text.unicodeScalars.append(Unicode.Scalar(byte))
            return true
        }
        while !text.hasSuffix("\r\n\r\n") { guard take() else { return nil } }
        let length = text.firstMatch(of: /\r\nContent-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
        for _ in 0..<length { guard take() else { return nil } }
        return text
    }
}
