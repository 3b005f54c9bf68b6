import DequeModule
import Dispatch
import EventLoop
import Glibc
import Synchronization

/// Where signatures are verified that would hold up the loop: on one thread beside it, which yields to everything else.
///
/// A public key's signature costs from a tenth of a millisecond to several, and anybody can send ones that are bad. So few wait,
/// and each address has its turn; where there is no more room, whoever has most waiting gives some up for one who has less.
/// Requests whose credentials are cheap do not wait here at all.
final class SignatureQueue: Sendable {
    /// How many may wait. Each has one of the places that nginx gives to all requests, by http.conf 100 a worker: the others
    /// stay for requests that wait for nothing.
    static let waitingMax = 64
    private static let niceness: CInt = 10

    private struct Job {
        let sinceMilliseconds: Int64
        let run: @Sendable () -> Void
        let giveUp: @Sendable () -> Void
    }

    private struct State {
        var jobs: [[UInt8]: Deque<Job>] = [:]
        /// The addresses that have jobs, the next one first.
        var turns: Deque<[UInt8]> = []
        var count = 0
        var isStopped = false
    }

    private let loop: EventLoop
    private let deadlineMilliseconds: Int64
    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)

    init(loop: EventLoop, deadlineMilliseconds: Int) {
        self.loop = loop
        self.deadlineMilliseconds = Int64(deadlineMilliseconds)
    }

    func start() throws(SystemError) {
        var thread = pthread_t()
        let queue = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                // Of this thread alone, as Linux has it.
                _ = nice(SignatureQueue.niceness)
                Unmanaged<SignatureQueue>.fromOpaque(pointer).takeRetainedValue().work()
                return nil
            }, queue.toOpaque())
        guard code == 0 else {
            queue.release()
            throw SystemError("pthread_create", code: code)
        }
        pthread_detach(thread)
    }

    /// Ends the thread. What waits is not verified any more.
    func stop() {
        state.withLock { $0.isStopped = true }
        arrivals.signal()
    }

    /// Calls `verify` on the other thread, and then `completion` on the loop's, with its result; with nil where it did not come
    /// to its turn in time, or gave its place to another. False where too many wait already.
    ///
    /// - Parameter address: whose request it is.
    func submit<Value: Sendable>(
        of address: [UInt8], _ verify: @escaping @Sendable () -> Value,
        _ completion: @escaping @Sendable (Value?) -> Void
    ) -> Bool {
        let answer: @Sendable (Value?) -> Void = { [loop] value in
            Task(executorPreference: loop.executor) { completion(value) }
        }
        let job = Job(
            sinceMilliseconds: MonotonicClock.nowMilliseconds(), run: { answer(verify()) }, giveUp: { answer(nil) })
        let (isTaken, replaced) = state.withLock { state -> (Bool, Job?) in
            guard !state.isStopped else { return (false, nil) }
            let waiting = state.jobs[address]?.count ?? 0
            var replaced: Job?
            if state.count >= Self.waitingMax {
                guard let job = Self.lastOfTheLongest(&state, longerThan: waiting + 1) else { return (false, nil) }
                replaced = job
            } else {
                state.count += 1
            }
            if waiting == 0 { state.turns.append(address) }
            state.jobs[address, default: []].append(job)
            return (true, replaced)
        }
        // One for another: there are as many as before.
        if let replaced { replaced.giveUp() } else if isTaken { arrivals.signal() }
        return isTaken
    }

    private static func lastOfTheLongest(_ state: inout State, longerThan count: Int) -> Job? {
        guard let longest = state.jobs.max(by: { $0.value.count < $1.value.count }), longest.value.count > count else {
            return nil
        }
        return state.jobs[longest.key]?.popLast()
    }

    private func work() {
        while true {
            arrivals.wait()
            guard let job = take() else { return }
            if MonotonicClock.nowMilliseconds() - job.sinceMilliseconds < deadlineMilliseconds {
                job.run()
            } else {
                job.giveUp()
            }
        }
    }

    /// The next job, of each address in turn; nil once the queue has stopped.
    private func take() -> Job? {
        state.withLock { state in
            guard !state.isStopped, let address = state.turns.popFirst(),
                let job = state.jobs[address]?.popFirst()
            else { return nil }
            state.count -= 1
            if state.jobs[address]?.isEmpty == true {
                state.jobs[address] = nil
            } else {
                state.turns.append(address)
            }
            return job
        }
    }
}
