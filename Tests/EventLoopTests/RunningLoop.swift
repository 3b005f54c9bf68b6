import EventLoop
import Glibc

/// Runs `body` as a task on a loop with a thread of its own, and stops the loop.
func withLoop<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Result) async throws -> Result {
    let loop = try EventLoop()
    try loop.startThread()
    let outcome = await Task(executorPreference: loop.executor) { try await body(loop) }.result
    await loop.stop()
    return try outcome.get()
}

/// The calling thread.
func currentThread() -> UInt {
    UInt(pthread_self())
}

extension EventLoop {
    /// Returns in a later tick, after the handlers of every descriptor that is ready now have been called.
    nonisolated func nextTick() async {
        await pause(milliseconds: 0)
    }

    /// Returns when a timer of that many milliseconds has run.
    nonisolated func pause(milliseconds: Int) async {
        await withCheckedContinuation { continuation in
            schedule(afterMilliseconds: milliseconds) { continuation.resume() }
        }
    }

    /// The thread that timers run on.
    nonisolated func thread() async -> UInt {
        await withCheckedContinuation { continuation in
            schedule(afterMilliseconds: 0) { continuation.resume(returning: currentThread()) }
        }
    }
}
