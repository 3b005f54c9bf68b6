import EventLoop
import Glibc
import Synchronization

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

/// Two connected sockets, closed with the last reference.
final class SocketPair: Sendable {
    let near: CInt
    let far: CInt

    init() throws(SystemError) {
        var descriptors: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &descriptors) == 0 else { throw SystemError("socketpair") }
        near = descriptors[0]
        far = descriptors[1]
    }

    deinit {
        close(near)
        close(far)
    }

    /// Makes the near end readable.
    func sendToNear() {
        _ = write(far, "x", 1)
    }

    /// Takes out what the near end can read, and says how many bytes that was.
    func drainNear() -> Int {
        var bytes = [UInt8](repeating: 0, count: 64)
        return read(near, &bytes, bytes.count)
    }

    func closeFar() {
        shutdown(far, CInt(SHUT_RDWR))
    }
}

/// What happened, in order, told from any thread.
final class Recorder<Event: Sendable>: Sendable {
    private let log = Mutex<[Event]>([])

    func note(_ event: Event) {
        log.withLock { $0.append(event) }
    }

    var events: [Event] {
        log.withLock { $0 }
    }
}
