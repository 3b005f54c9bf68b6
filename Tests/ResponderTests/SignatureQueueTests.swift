import Dispatch
import EventLoop
import Synchronization
import Testing

@testable import Responder

@Suite("Signatures that take long", .timeLimit(.minutes(5)))
struct SignatureQueueTests {
    /// A queue on a loop of its own, whose thread is held up by a first job until the test lets it go on.
    private struct HeldQueue {
        let queue: SignatureQueue
        private let loop: EventLoop
        private let gate = DispatchSemaphore(value: 0)
        private let results = AsyncStream<String>.makeStream()

        static func use(
            deadlineMilliseconds: Int = 3_600_000, _ body: (HeldQueue) async throws -> Void
        ) async throws {
            let held = try HeldQueue(deadlineMilliseconds: deadlineMilliseconds)
            try await body(held)
            held.queue.stop()
            await held.loop.stop()
        }

        private init(deadlineMilliseconds: Int) throws {
            loop = try EventLoop()
            queue = SignatureQueue(loop: loop, deadlineMilliseconds: deadlineMilliseconds)
            try loop.startThread()
            try queue.start()
            let (gate, begun) = (gate, DispatchSemaphore(value: 0))
            _ = queue.submit(of: [0]) {
                begun.signal()
                gate.wait()
            } _: { result in
                // Where the deadline leaves it no time either.
                if result == nil { begun.signal() }
            }
            begun.wait()
        }

        func release() {
            gate.signal()
        }

        /// Submits a job that comes to its own name.
        func submit(_ name: String, of address: UInt8) -> Bool {
            let (loop, results) = (loop, results.continuation)
            return queue.submit(of: [address]) {
                name
            } _: { result in
                let isOnLoop = loop.executor.isIsolatingCurrentContext() == true
                results.yield((result ?? "no time for \(name)") + (isOnLoop ? "" : ", elsewhere"))
            }
        }

        /// What comes next, so many.
        func next(_ count: Int) async -> [String] {
            var names: [String] = []
            for await name in results.stream.prefix(count) { names.append(name) }
            return names
        }
    }

    @Test("each address has its turn, whoever came first, and results come on the loop's thread")
    func turns() async throws {
        try await HeldQueue.use { held in
            for number in 1...5 { #expect(held.submit("a\(number)", of: 1)) }
            #expect(held.submit("b1", of: 2))
            #expect(held.submit("c1", of: 3))
            #expect(held.submit("b2", of: 2))
            held.release()
            #expect(await held.next(8) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"])
        }
    }

    @Test("where there is no more room, whoever has most waiting gives a place to whoever has less, and to nobody else")
    func room() async throws {
        try await HeldQueue.use { held in
            for number in 1...SignatureQueue.waitingMax { #expect(held.submit("a\(number)", of: 1)) }
            #expect(!held.submit("one more", of: 1))
            #expect(held.submit("b1", of: 2))
            #expect(held.submit("b2", of: 2))
            let last = SignatureQueue.waitingMax
            #expect(await held.next(2) == ["no time for a\(last)", "no time for a\(last - 1)"])
            held.release()
            let names = await held.next(SignatureQueue.waitingMax)
            #expect(names.prefix(5) == ["a1", "b1", "a2", "b2", "a3"])
            #expect(names.last == "a\(last - 2)")
            #expect(held.submit("later", of: 1))
            #expect(await held.next(1) == ["later"])
        }
    }

    @Test("what does not come to its turn by the deadline is told so, and not verified")
    func deadline() async throws {
        try await HeldQueue.use(deadlineMilliseconds: 0) { held in
            #expect(held.submit("late", of: 1))
            held.release()
            #expect(await held.next(1) == ["no time for late"])
        }
    }
}
