import Dispatch

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
