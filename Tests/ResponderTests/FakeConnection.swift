import ForwardProtocol
import Glibc
import Records
import Synchronization

/// A responder's connection as the aggregator has it.
final class FakeConnection: Sendable {
    /// The peer closed the connection where a frame was expected.
    struct Ended: Error {}
    /// Another frame came than was expected.
    struct OtherFrame: Error {
        let frame: ResponderFrame
    }

    private static let readBytes = 64 * 1024

    private let descriptor: CInt
    private let arrived = Mutex(FrameBuffer())
    private let isClosed = Atomic(false)

    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close()
    }

    /// The next frame; throws when the connection ends or nothing comes.
    func receive() async throws -> ResponderFrame {
        while true {
            if let frame = try arrived.withLock({ try $0.next(ResponderFrame.init(decoding:)) }) { return frame }
            guard try await read() > 0 else { throw Ended() }
        }
    }

    /// The numbers of the records in the next frame.
    func receiveNumbers() async throws -> [Int] {
        let frame = try await receive()
        guard case .records(let records) = frame else { throw OtherFrame(frame: frame) }
        return try records.bytes.withUnsafeBytes { try Record.decodeAll($0).map(\.number) }
    }

    /// The numbers of the next `count` records, and how many frames they came in.
    func receiveNumbers(count: Int) async throws -> (numbers: [Int], frameCount: Int) {
        var numbers: [Int] = []
        var frameCount = 0
        while numbers.count < count {
            numbers += try await receiveNumbers()
            frameCount += 1
        }
        return (numbers, frameCount)
    }

    func receiveTally() async throws -> [TallyEntry] {
        let frame = try await receive()
        guard case .answers(let entries) = frame else { throw OtherFrame(frame: frame) }
        return entries
    }

    func receiveStatus() async throws -> ResponderStatus {
        let frame = try await receive()
        guard case .status(let status) = frame else { throw OtherFrame(frame: frame) }
        return status
    }

    /// Whether the peer closes the connection, with no further frame before.
    func ends() async throws -> Bool {
        do {
            _ = try await receive()
            return false
        } catch is Ended {
            return true
        } catch let failure as Patience.Failed where failure.code == ECONNRESET {
            return true
        }
    }

    /// Whether something has arrived that was not received.
    var hasMore: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    func send(_ frames: AggregatorFrame...) throws {
        try send(bytes: frames.flatMap { $0.encoded() })
    }

    func send(bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
            throw Patience.Failed(code: errno)
        }
    }

    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        Glibc.close(descriptor)
    }

    private func read() async throws -> Int {
        let descriptor = descriptor
        return try await Patience.untilReadable(descriptor) { [self] in
            var chunk = [UInt8](repeating: 0, count: Self.readBytes)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            let bytes = chunk.prefix(max(0, count))
            arrived.withLock { buffer in bytes.withUnsafeBytes { buffer.append($0) } }
            return count
        }
    }
}
