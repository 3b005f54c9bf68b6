import Credentials
import EventLoop
import Records
import Synchronization
import TestSupport

@testable import Responder

/// A log of exposures at a real socket, on a loop of its own, whose records become what the test says.
struct RunningExposureLog {
    let path: String
    let log: ExposureLog
    private let loop: EventLoop
    private let recorder: LogRecorder
    private let memory: Memory
    private let kinds: AsyncStream<TallyEntry.Kind>

    private final class Memory: Sendable {
        let records = Mutex<[Record]>([])
    }

    /// Lets `body` use a log, and stops it afterwards.
    static func use(
        forward: @escaping @Sendable (Record) async -> ForwardingFate = { _ in .durable },
        _ body: (RunningExposureLog) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let running = try await RunningExposureLog(path: directory.path + "/x.sock", forward: forward)
        do {
            try await body(running)
        } catch {
            await running.loop.stop()
            throw error
        }
        await running.log.stopReading()
        await running.log.finish()
        await running.loop.stop()
    }

    private init(path: String, forward: @escaping @Sendable (Record) async -> ForwardingFate) async throws {
        self.path = path
        let (kinds, counted) = AsyncStream.makeStream(of: TallyEntry.Kind.self)
        let (memory, recorder) = (Memory(), LogRecorder())
        let loop = try EventLoop()
        let access = UnixSocketAccess(mode: 0o600, group: nil)
        log = ExposureLog(
            loop: loop, socket: try .datagrams(path: path, access: access), door: try TestDoor().door,
            forward: { record, completion in
                memory.records.withLock { $0.append(record) }
                Task(executorPreference: loop.executor) { completion(await forward(record)) }
            },
            count: { for _ in 0..<$1 { counted.yield($0) } }, logger: recorder.logger)
        (self.kinds, self.memory, self.recorder, self.loop) = (kinds, memory, recorder, loop)
        try loop.startThread()
        try await log.start()
    }

    func send(_ lines: TestLine...) throws {
        for line in lines { try send(line.bytes) }
    }

    func send(_ bytes: [UInt8]) throws {
        try UnixSocketPath(path).sendDatagram(bytes)
    }

    /// What is counted next, so many in order.
    func counted(_ count: Int = 1) async -> [TallyEntry.Kind] {
        var result: [TallyEntry.Kind] = []
        for await kind in kinds.prefix(count) { result.append(kind) }
        return result
    }

    /// What was forwarded, in order.
    var records: [Record] {
        memory.records.withLock { $0 }
    }

    var logLines: [String] { recorder.lines }
}
