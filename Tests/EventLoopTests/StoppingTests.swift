import EventLoop
import Foundation
import Testing

@Suite("Running and stopping", .timeLimit(.minutes(5)))
struct StoppingTests {
    @Test(
        "the loop runs on the thread that runs it, and a stop from elsewhere ends that, with nothing to wake it again")
    func stoppedFromElsewhere() async throws {
        for _ in 0..<100 {
            let loop = try EventLoop()
            async let ended: Void = running(loop)
            // It waits, or is about to, when this comes back.
            await Task(executorPreference: loop.executor) { await loop.nextTick() }.value
            await loop.stop()
            await ended
        }
    }

    @Test("a stop from a task on the loop ends it")
    func stoppedFromWithin() async throws {
        let loop = try EventLoop()
        async let ended: Void = running(loop)
        await Task(executorPreference: loop.executor) {
            // Resumed by the loop itself, so that nothing from outside ends its next wait.
            await loop.nextTick()
            await loop.stop()
        }.value
        await ended
    }

    @Test("a stop from a timer's action ends it")
    func stoppedByTimer() async throws {
        let loop = try EventLoop()
        async let ended: Void = running(loop)
        await Task(executorPreference: loop.executor) {
            loop.schedule(afterMilliseconds: 1) {
                loop.assumeIsolated { $0.stop() }
            }
        }.value
        await ended
    }

    @Test("a stop from what runs at the tick's end ends it")
    func stoppedAtEndOfTick() async throws {
        let loop = try EventLoop()
        async let ended: Void = running(loop)
        await Task(executorPreference: loop.executor) {
            await loop.nextTick()
            loop.atEndOfTick { loop.assumeIsolated { $0.stop() } }
        }.value
        await ended
    }

    @Test("calling the loop from another thread traps")
    func trap() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop()
            try loop.startThread()
            await Task(executorPreference: loop.executor) {}.value
            loop.atEndOfTick {}
        }
    }

    @Test("the limit on descriptors is raised to the most that may be had")
    func descriptorLimit() {
        ProcessLimits.raiseDescriptorLimit()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(limit.rlim_cur == limit.rlim_max)
    }

    @Test("an error of the system names its call and says what the system said")
    func systemError() {
        #expect(SystemError("bind", code: EADDRINUSE).description == "bind: Address already in use")
    }

    /// Runs the loop on a thread of its own; returns when it has ended.
    private func running(_ loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                loop.run()
                continuation.resume()
            }
        }
    }
}
