import Dispatch
import EventLoop
import Foundation
import Glibc
import Logging
import Records
import Synchronization
import TestSupport

@testable import Responder

/// A forwarder on a loop of its own.
struct RunningForwarder {
    private let loop: EventLoop
    private let forwarder: Forwarder

    /// Lets `body` use a forwarder that connects to `path`, and stops it afterwards.
    static func use(
        path: String, inFlightMax: Int = 65_536, deadlineMilliseconds: Int = 120_000, logger: Logger? = nil,
        figures: Forwarder.Figures? = nil, _ body: (RunningForwarder) async throws -> Void
    ) async throws {
        let loop = try EventLoop()
        let forwarder = Forwarder(
            loop: loop, path: path, epoch: SubjectEpoch(7), inFlightMax: inFlightMax,
            deadlineMilliseconds: deadlineMilliseconds,
            logger: logger ?? LogRecorder().logger)
        try loop.startThread()
        await forwarder.start(figures: figures)
        do {
            try await body(RunningForwarder(loop: loop, forwarder: forwarder))
        } catch {
            await loop.stop()
            throw error
        }
        await forwarder.stop()
        await loop.stop()
    }

    /// Forwards these records, all in one tick and in order; gives their fates in that order.
    func forward(_ numbers: some Sequence<Int> & Sendable) -> Task<[ForwardingFate], Never> {
        let forwarder = forwarder
        let records = numbers.map { Record.numbered($0) }
        return Task(executorPreference: loop.executor) {
            let fates = Mutex<[ForwardingFate?]>(Array(repeating: nil, count: records.count))
            let (told, telling) = AsyncStream.makeStream(of: Void.self)
            for (index, record) in records.enumerated() {
                forwarder.forward(record) { fate in
                    fates.withLock { $0[index] = fate }
                    telling.yield()
                }
            }
            for await _ in told.prefix(records.count) {}
            return fates.withLock { $0.compactMap { $0 } }
        }
    }

    func forward(_ number: Int) async -> ForwardingFate {
        await forward([number]).value[0]
    }

    /// Counts answers in one tick.
    func count(_ kinds: [TallyEntry.Kind]) async {
        let forwarder = forwarder
        await Task(executorPreference: loop.executor) {
            for kind in kinds { forwarder.count(kind) }
        }.value
    }

    /// Returns after the tick that is now, and all that belongs to its end.
    func endOfTick() async {
        let loop = loop
        await Task(executorPreference: loop.executor) {
            // Timers run after the end of the tick in which they were set.
            await withCheckedContinuation { continuation in
                loop.schedule(afterMilliseconds: 0) { continuation.resume() }
            }
        }.value
    }

    func giveUp() async {
        await forwarder.giveUp(afterMilliseconds: 0)
    }

    func stop() async {
        await forwarder.stop()
    }
}

/// A real Unix socket where an aggregator would listen. It does what the test says, and nothing by itself.
final class FakeAggregator: Sendable {
    private let listener: ListeningSocket

    /// Listens at `path`.
    init(path: String) throws {
        listener = try .unix(path: path, access: UnixSocketAccess(mode: 0o600, group: nil))
    }

    /// A path that is free.
    static func freePath() -> String {
        FileManager.default.temporaryDirectory.path + "/aggregator-\(UUID().uuidString)"
    }

    /// The next connection; throws when none comes.
    func accept() async throws -> FakeConnection {
        let listening = listener.descriptor
        return FakeConnection(
            descriptor: try await Patience.untilReadable(listening) { Glibc.accept(listening, nil, nil) })
    }

    /// The next connection, past hello and welcome.
    func welcome(inFlightMax: UInt32 = 65_536) async throws -> FakeConnection {
        let connection = try await accept()
        _ = try await connection.receive()
        try connection.send(.welcome(version: 4, inFlightMax: inFlightMax))
        return connection
    }
}

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

/// Waits for what a peer does: for the event, and never longer than a minute, so that a failed test ends.
enum Patience {
    struct Lost: Error {}
    struct Failed: Error {
        let code: CInt
    }

    private static let minuteMilliseconds: CInt = 60_000
    /// Blocking calls run here and not on the threads that Swift's tasks share.
    private static let queue = DispatchQueue(label: "patience", attributes: .concurrent)

    /// The result of `call` once `descriptor` is readable. A negative one is an error.
    static func untilReadable(_ descriptor: CInt, _ call: @escaping @Sendable () -> Int) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try whenReadable(descriptor, call) })
            }
        }
    }

    static func untilReadable(_ descriptor: CInt, _ call: @escaping @Sendable () -> CInt) async throws -> CInt {
        CInt(try await untilReadable(descriptor) { Int(call()) })
    }

    private static func whenReadable(_ descriptor: CInt, _ call: () -> Int) throws -> Int {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, minuteMilliseconds) == 1 else { throw Lost() }
        let result = call()
        guard result >= 0 else { throw Failed(code: errno) }
        return result
    }
}
