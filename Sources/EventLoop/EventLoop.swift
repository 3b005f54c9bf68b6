import CLinux
import Glibc
import HeapModule

/// One thread that waits for descriptors and timers and runs the handlers and tasks that they wake.
///
/// Its state is an actor's; the actor's executor is the loop's thread. Other actors join by naming ``executor`` as
/// theirs: calls among them then need no hop, and a handler enters its actor with ``LoopActor/onLoop(_:)``.
///
/// Descriptors are watched edge-triggered: a handler reads or writes until `EAGAIN`, or remembers that it did not.
public actor EventLoop: LoopActor {
    public nonisolated let executor: LoopExecutor
    public nonisolated var loop: EventLoop { self }
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public typealias Handler = @Sendable (Readiness) -> Void
    public typealias Action = @Sendable () -> Void

    private struct Watch {
        let handler: Handler
        /// Tells a descriptor from an earlier one of the same number, of which an event may still be at hand.
        let generation: UInt32
    }

    private static let eventsPerTickMax = 256
    private static let wakeupToken = UInt64.max

    private let poller: CInt
    private var watches: [Watch?] = []
    private var generation: UInt32 = 0
    private var timers = Heap<Timer>()
    private var timerSequence: UInt64 = 0
    private var endOfTick: [Action] = []
    private var isStopped = false
    private var events = [epoll_event](repeating: epoll_event(), count: EventLoop.eventsPerTickMax)

    public init() throws(SystemError) {
        executor = try LoopExecutor()
        poller = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard poller >= 0 else { throw SystemError("epoll_create1") }
        guard linux_epoll_set(poller, EPOLL_CTL_ADD, executor.wakeup, EPOLLIN.rawValue, Self.wakeupToken) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    deinit {
        close(poller)
    }

    /// Runs the loop on the calling thread until ``stop()``.
    public nonisolated func run() {
        executor.adoptCurrentThread()
        while true {
            // What runs at the tick's end may resume tasks, and those may leave something for the tick's end again.
            repeat {
                executor.runJobs()
                onLoop { loop in loop.endOfTick.forEach { $0() } }
            } while executor.hasJobs
            // Looked at after the jobs, for one of them may be the stop, and nothing may come that ends another wait.
            if onLoop({ $0.isStopped }) { return onLoop { $0.letGo() } }
            onLoop { $0.wait() }
        }
    }

    /// Lets go of all that it would have called, which holds actors that hold the loop.
    private func letGo() {
        // Outlives the change of these: who is let go may want to change them as well.
        let held = (watches, timers, endOfTick)
        (watches, timers, endOfTick) = ([], Heap(), [])
        withExtendedLifetime(held) {}
    }

    /// Runs the loop on a thread of its own until ``stop()``.
    public nonisolated func startThread() throws(SystemError) {
        var thread = pthread_t()
        let loop = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<EventLoop>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, loop.toOpaque())
        guard code == 0 else {
            loop.release()
            throw SystemError("pthread_create", code: code)
        }
        pthread_detach(thread)
    }

    /// Ends ``run()``; callable from anywhere.
    public func stop() {
        isStopped = true
    }

    // What follows is called on the loop's thread, from actors and tasks that live there; elsewhere it traps.

    /// Calls `handler` whenever `descriptor` becomes ready for what `interest` says, until ``unwatch(_:)``.
    ///
    /// Whoever closes the descriptor calls ``unwatch(_:)`` too, before it returns to the loop.
    public nonisolated func watch(
        _ descriptor: CInt, for interest: Interest = .reading, handler: @escaping Handler
    ) throws(SystemError) {
        let failure = onLoop { $0.add(descriptor, interest, handler) }
        if let failure { throw failure }
    }

    /// No handler is called for `descriptor` from now on, not even for an event of this tick.
    public nonisolated func unwatch(_ descriptor: CInt) {
        onLoop { $0.remove(descriptor) }
    }

    /// Calls `action` once, after `milliseconds`.
    public nonisolated func schedule(afterMilliseconds milliseconds: Int, _ action: @escaping Action) {
        onLoop { $0.addTimer(afterMilliseconds: milliseconds, action) }
    }

    /// Calls `action` at the end of every tick, after all that the tick woke has run.
    public nonisolated func atEndOfTick(_ action: @escaping Action) {
        onLoop { $0.endOfTick.append(action) }
    }

    private func add(_ descriptor: CInt, _ interest: Interest, _ handler: @escaping Handler) -> SystemError? {
        generation &+= 1
        let token = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        guard linux_epoll_set(poller, EPOLL_CTL_ADD, descriptor, interest.events, token) == 0 else {
            return SystemError("epoll_ctl")
        }
        while watches.count <= Int(descriptor) { watches.append(nil) }
        watches[Int(descriptor)] = Watch(handler: handler, generation: generation)
        return nil
    }

    private func remove(_ descriptor: CInt) {
        guard watches.indices.contains(Int(descriptor)), watches[Int(descriptor)] != nil else { return }
        watches[Int(descriptor)] = nil
        _ = linux_epoll_set(poller, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    private func addTimer(afterMilliseconds milliseconds: Int, _ action: @escaping Action) {
        timerSequence += 1
        let due = MonotonicClock.nowMilliseconds() + Int64(milliseconds)
        timers.insert(Timer(dueMilliseconds: due, sequence: timerSequence, action: action))
    }

    private func wait() {
        let count = epoll_wait(poller, &events, CInt(events.count), timeoutMilliseconds())
        for index in 0..<max(0, Int(count)) {
            dispatch(events[index])
        }
        runTimers()
    }

    private func timeoutMilliseconds() -> CInt {
        guard let next = timers.min else { return -1 }
        return CInt(clamping: max(0, next.dueMilliseconds - MonotonicClock.nowMilliseconds()))
    }

    private func dispatch(_ event: epoll_event) {
        let token = withUnsafePointer(to: event) { linux_epoll_token($0) }
        if token == Self.wakeupToken {
            var count: eventfd_t = 0
            eventfd_read(executor.wakeup, &count)
            return
        }
        let descriptor = Int(UInt32(truncatingIfNeeded: token))
        guard let watch = watches[descriptor], watch.generation == UInt32(token >> 32) else { return }
        watch.handler(Readiness(events: event.events))
    }

    private func runTimers() {
        guard !timers.isEmpty else { return }
        let now = MonotonicClock.nowMilliseconds()
        while let next = timers.min, next.dueMilliseconds <= now {
            timers.removeMin().action()
        }
    }
}

/// What a watched descriptor is watched for. Its peer's closing is always told.
public enum Interest: Sendable {
    case reading
    case readingAndWriting

    var events: UInt32 {
        let reading = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        return switch self {
        case .reading: reading
        case .readingAndWriting: reading | EPOLLOUT.rawValue
        }
    }
}

/// What a descriptor has become ready for.
public struct Readiness: Sendable {
    let events: UInt32

    public var isWritable: Bool { events & EPOLLOUT.rawValue != 0 }
    /// The peer will send no more.
    public var isPeerClosed: Bool { events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    /// There is something to read: bytes, the peer's end, or an error.
    public var isReadable: Bool { events & ~EPOLLOUT.rawValue != 0 }
}

/// An action that is due at a time. Timers due at the same time run in the order they were scheduled in.
private struct Timer: Comparable {
    let dueMilliseconds: Int64
    let sequence: UInt64
    let action: EventLoop.Action

    static func < (left: Timer, right: Timer) -> Bool {
        (left.dueMilliseconds, left.sequence) < (right.dueMilliseconds, right.sequence)
    }

    static func == (left: Timer, right: Timer) -> Bool {
        left.sequence == right.sequence
    }
}

/// Time that never jumps, for deadlines.
public enum MonotonicClock {
    /// Milliseconds since an arbitrary moment.
    public static func nowMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// A system call that failed: its name and what the system said.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    public let call: String
    public let code: CInt

    /// Takes `errno` as the last call left it.
    public init(_ call: String) {
        self.init(call, code: errno)
    }

    public init(_ call: String, code: CInt) {
        self.call = call
        self.code = code
    }

    public var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}

/// What the system allows this process.
public enum ProcessLimits {
    /// Raises the limit on open descriptors to the most that may be had without privilege: the default of 1,024 is
    /// less than the connections one nginx may keep.
    public static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
