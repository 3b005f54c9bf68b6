import EventLoop
import Synchronization
import Testing

@Suite("What runs at a tick's end", .timeLimit(.minutes(5)))
struct EndOfTickTests {
    /// A queue that tasks fill and the tick's end empties, as forwarding does.
    private final class Queue: Sendable {
        private let items = Mutex<[String]>([])

        func add(_ item: String) {
            items.withLock { $0.append(item) }
        }

        func takeAll() -> [String] {
            items.withLock { items in
                defer { items = [] }
                return items
            }
        }
    }

    @Test("it runs once for all that the tick's handlers and the tasks resumed by them left")
    func oneBatch() async throws {
        let batches = try await withLoop { loop in
            let pairs = try (0..<20).map { _ in try SocketPair() }
            let queue = Queue()
            let batches = Recorder<[String]>()
            loop.atEndOfTick {
                let batch = queue.takeAll()
                if !batch.isEmpty { batches.note(batch) }
            }
            try await withThrowingTaskGroup { group in
                for pair in pairs {
                    group.addTask { try await Self.waitAndLeaveItem(loop, pair, queue) }
                }
                // Every task waits for its descriptor by the time that this one runs again; then all become readable
                // within one tick.
                await loop.nextTick()
                for pair in pairs { pair.sendToNear() }
                try await group.waitForAll()
            }
            await loop.nextTick()
            return batches.events
        }
        #expect(batches == [Array(repeating: "item", count: 20)])
    }

    @Test("it runs again, before the loop waits, when it resumes a task that leaves more")
    func again() async throws {
        let loop = try EventLoop()
        try loop.startThread()
        // Nothing but the items themselves can wake the loop, so that what is left in the queue would stay there.
        let batches = await withCheckedContinuation { finished in
            Task(executorPreference: loop.executor) {
                let queue = Queue()
                let batches = Recorder<[String]>()
                let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)
                loop.atEndOfTick {
                    let batch = queue.takeAll()
                    if batch.isEmpty { return }
                    batches.note(batch)
                    if batch == ["last"] { return finished.resume(returning: batches.events) }
                    waiting.withLock { $0?.resume() }
                }
                for item in ["first", "second"] {
                    await withCheckedContinuation { continuation in
                        waiting.withLock { $0 = continuation }
                        queue.add(item)
                    }
                }
                queue.add("last")
            }
        }
        #expect(batches == [["first"], ["second"], ["last"]])
        await loop.stop()
    }

    @Test("actions run in the order they were given in")
    func order() async throws {
        let events = try await withLoop { loop in
            let recorder = Recorder<Int>()
            for number in 0..<3 { loop.atEndOfTick { recorder.note(number) } }
            await loop.nextTick()
            return recorder.events
        }
        #expect(events.prefix(3) == [0, 1, 2])
    }

    /// Leaves an item once the pair's near end is readable.
    private static func waitAndLeaveItem(_ loop: EventLoop, _ pair: SocketPair, _ queue: Queue) async throws {
        let readable = AsyncStream<Void>.makeStream()
        try loop.watch(pair.near) { _ in readable.continuation.finish() }
        for await _ in readable.stream {}
        queue.add("item")
        loop.unwatch(pair.near)
    }
}
