import EventLoop
import ForwardProtocol
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
