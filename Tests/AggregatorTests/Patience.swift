import Dispatch
import Foundation
import Glibc

/// Waits for what a peer does: for the event, and never longer than a minute, so that a failed test ends.
enum Patience {
    struct Lost: Error {}
    struct Failed: Error {
        let code: CInt
    }

    private static let minuteMilliseconds: CInt = 60_000

    /// The result of `call` once `descriptor` is ready for `events`. A negative one is an error.
    ///
    /// Waits on a thread of its own: those of Dispatch and of Swift's tasks are as few as there are processors.
    static func until(
        _ descriptor: CInt, _ events: CInt, _ call: @escaping @Sendable () -> Int
    ) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try whenReady(descriptor, events, call) })
            }
        }
    }

    /// Returns once `condition` holds, which nothing tells of.
    static func until(_ condition: () async throws -> Bool) async throws {
        let start = ContinuousClock.now
        while try await !condition() {
            guard start.duration(to: .now) < .seconds(60) else { throw Lost() }
            await Task.yield()
        }
    }

    private static func whenReady(_ descriptor: CInt, _ events: CInt, _ call: () -> Int) throws -> Int {
        var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&waiting, 1, minuteMilliseconds) == 1 else { throw Lost() }
        let result = call()
        guard result >= 0 else { throw Failed(code: errno) }
        return result
    }
}

/// Holds up a thread until the test lets it go on. Once opened it stays open.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let arrivals = AsyncStream<Void>.makeStream()

    /// Returns when a thread has come to the gate. One caller at a time.
    func awaitArrival() async {
        for await _ in arrivals.stream { return }
    }

    func pass() {
        arrivals.continuation.yield()
        semaphore.wait()
        semaphore.signal()
    }

    func open() {
        semaphore.signal()
    }
}
