import EventLoop
import Foundation
import Testing

@Suite("Tasks and actors on the loop's thread", .timeLimit(.minutes(5)))
struct ExecutionTests {
    private actor Resident {
        let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

        init(loop: EventLoop) {
            self.loop = loop
        }

        func thread() -> UInt { currentThread() }
    }

    private actor Stranger {
        func thread() -> UInt { currentThread() }
    }

    @Test("a task that prefers the loop runs on its thread, before and after it waits")
    func task() async throws {
        try await withLoop { loop in
            let before = currentThread()
            let loopThread = await loop.thread()
            #expect(before == loopThread)
            #expect(currentThread() == loopThread)
        }
    }

    @Test("a task that is resumed from another thread goes on on the loop's")
    func resumedElsewhere() async throws {
        try await withLoop { loop in
            let loopThread = await loop.thread()
            for _ in 0..<100 {
                let other = await withCheckedContinuation { continuation in
                    Thread.detachNewThread { continuation.resume(returning: currentThread()) }
                }
                #expect(other != loopThread)
                #expect(currentThread() == loopThread)
            }
        }
    }

    @Test("an actor that lives on the loop runs on its thread, wherever it is called from")
    func resident() async throws {
        let loop = try EventLoop()
        try loop.startThread()
        let resident = Resident(loop: loop)
        let called = await resident.thread()
        let loopThread = await Task(executorPreference: loop.executor) { await loop.thread() }.value
        #expect(called == loopThread)
        #expect(await resident.thread() == loopThread)
        await loop.stop()
    }

    @Test("an actor without an executor, called by a task on the loop, runs on the loop's thread")
    func stranger() async throws {
        try await withLoop { loop in
            let loopThread = await loop.thread()
            let stranger = Stranger()
            for _ in 0..<100 {
                #expect(await stranger.thread() == loopThread)
                #expect(currentThread() == loopThread)
            }
        }
    }

    @Test("the children of a task on the loop run on its thread")
    func children() async throws {
        try await withLoop { loop in
            let loopThread = await loop.thread()
            let threads = await withTaskGroup { group in
                for _ in 0..<50 { group.addTask { currentThread() } }
                return await group.reduce(into: Set<UInt>()) { $0.insert($1) }
            }
            #expect(threads == [loopThread])
        }
    }

    @Test("a job from another thread wakes a loop that waits")
    func wakesUp() async throws {
        let loop = try EventLoop()
        try loop.startThread()
        var sum = 0
        // No timer and no descriptor: only the jobs themselves can end the loop's waits.
        for number in 1...1_000 {
            sum += await Task(executorPreference: loop.executor) { number }.value
        }
        #expect(sum == 500_500)
        await loop.stop()
    }

    @Test("jobs from many threads at once all run, on one thread")
    func manyThreads() async throws {
        let loop = try EventLoop()
        try loop.startThread()
        let threads = await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    var threads: Set<UInt> = []
                    for _ in 0..<500 {
                        threads.insert(await Task(executorPreference: loop.executor) { currentThread() }.value)
                    }
                    return threads
                }
            }
            return await group.reduce(into: Set<UInt>()) { $0.formUnion($1) }
        }
        #expect(threads.count == 1)
        await loop.stop()
    }
}
