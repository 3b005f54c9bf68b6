import Records
import Glibc
import EventLoop
import Synchronization

/// A connection to an aggregator, as a responder or a stranger has it.
final class ResponderClient: Sendable {
    /// The aggregator closed the connection where a frame was expected.
    struct Ended: Error {}
    /// Another frame came than was expected.
    struct OtherFrame: Error {
        let frame: AggregatorFrame
    }

    private static let readBytes = 64 * 1024

    private let descriptor: CInt
    private let arrived = Mutex(FrameBuffer())

    /// Connects, and says nothing.
    init(path: String) throws {
        descriptor = try UnixSocketPath(path).connect()
    }

    deinit {
        close(descriptor)
    }

    /// A connection past hello and welcome.
    static func greeted(path: String) async throws -> ResponderClient {
        let client = try ResponderClient(path: path)
        try await client.send(ResponderFrame.encodeHello(epoch: SubjectEpoch(1)))
        let frame = try await client.receive()
        guard case .welcome = frame else { throw OtherFrame(frame: frame) }
        return client
    }

    func send(_ bytes: [UInt8]) async throws {
        let descriptor = descriptor
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = rest
            rest = rest.dropFirst(
                try await Patience.until(descriptor, POLLOUT) {
                    chunk.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
                })
        }
    }

    /// The next frame; throws when the connection ends or nothing comes.
    func receive() async throws -> AggregatorFrame {
        while true {
            if let frame = try arrived.withLock({ try $0.next(AggregatorFrame.init(decoding:)) }) { return frame }
            guard try await read() > 0 else { throw Ended() }
        }
    }

    /// Takes answers until they are for `count` records, and gives back how many of those are durable.
    func receiveAnswers(count: Int) async throws -> Int {
        var (answered, durable) = (0, 0)
        while answered < count {
            let frame = try await receive()
            switch frame {
            case .committed(let count):
                answered += Int(count)
                durable += Int(count)
            case .refused(let count, _): answered += Int(count)
            default: throw OtherFrame(frame: frame)
            }
        }
        return durable
    }

    /// Why the aggregator closes the connection; throws when it says anything else or leaves the connection open.
    func receiveClosing() async throws -> String {
        let frame = try await receive()
        guard case .closing(let reason) = frame, try await ends() else { throw OtherFrame(frame: frame) }
        return reason
    }

    /// Whether the aggregator closes the connection, with no further frame before.
    func ends() async throws -> Bool {
        do {
            _ = try await receive()
            return false
        } catch is Ended {
            return true
        } catch let failure as Patience.Failed where failure.code == ECONNRESET {
            // What the aggregator did not read before it closed.
            return true
        }
    }

    private func read() async throws -> Int {
        let descriptor = descriptor
        return try await Patience.until(descriptor, POLLIN) { [self] in
            var chunk = [UInt8](repeating: 0, count: Self.readBytes)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            let bytes = chunk.prefix(max(0, count))
            arrived.withLock { buffer in bytes.withUnsafeBytes { buffer.append($0) } }
            return count
        }
    }
}
