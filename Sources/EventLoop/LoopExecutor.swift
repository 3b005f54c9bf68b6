import CLinux
import Glibc
import Synchronization

/// Runs jobs on the one thread that an ``EventLoop`` runs on.
///
/// It is a serial executor, so that actors can live on the loop, and a task executor, so that a task's nonisolated
/// functions, and the default actors that it calls, stay there too.
public final class LoopExecutor: SerialExecutor, TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    /// The loop's thread; 0 until it runs.
    private let thread = Atomic<UInt>(0)
    /// An eventfd that ends the loop's wait when a job comes from another thread.
    let wakeup: CInt

    init() throws(SystemError) {
        wakeup = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeup >= 0 else { throw SystemError("eventfd") }
    }

    deinit {
        close(wakeup)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        if !isLoopThread { wake() }
    }

    public func checkIsolated() {
        precondition(isLoopThread, "This runs on the event loop's thread only")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isLoopThread
    }

    /// Makes the calling thread the loop's.
    func adoptCurrentThread() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
    }

    /// Ends the loop's wait.
    func wake() {
        eventfd_write(wakeup, 1)
    }

    var hasJobs: Bool {
        jobs.withLock { !$0.isEmpty }
    }

    /// Runs jobs until none is left, those that they enqueue included.
    func runJobs() {
        while true {
            let ready = jobs.withLock { jobs in
                defer { jobs.removeAll(keepingCapacity: false) }
                return jobs
            }
            if ready.isEmpty { return }
            for job in ready {
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
        }
    }

    private var isLoopThread: Bool {
        thread.load(ordering: .acquiring) == UInt(pthread_self())
    }
}

/// An actor that lives on an event loop's thread: its executor is the loop's.
public protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    /// Calls `body` with the actor, on the loop's thread; anywhere else it traps.
    ///
    /// It is `assumeIsolated`, but it asks the loop alone whose thread this is: the standard library asks the runtime first,
    /// which compares executors through dynamic casts, 400 instructions five times a request. And on a request's way `body`
    /// is handed what it needs as an argument, since a closure that captures it is allocated each time.
    @inlinable
    public nonisolated func onLoop<Argument, Value: Sendable>(
        _ argument: Argument, _ body: @escaping (isolated Self, Argument) -> Value
    ) -> Value {
        loop.executor.checkIsolated()
        // The two types differ in the isolation alone, which is checked by now.
        return unsafeBitCast(body, to: ((Self, Argument) -> Value).self)(self, argument)
    }

    /// The same without an argument.
    @inlinable
    public nonisolated func onLoop<Value: Sendable>(_ body: @escaping (isolated Self) -> Value) -> Value {
        loop.executor.checkIsolated()
        return unsafeBitCast(body, to: ((Self) -> Value).self)(self)
    }
}
