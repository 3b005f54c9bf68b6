import Synchronization

/// Holds requests up until a test lets them go on.
final class Gate: Sendable {
    private enum State {
        case closed([CheckedContinuation<Void, Never>])
        case open
    }

    private let state = Mutex(State.closed([]))
    private let arrivals = AsyncStream<Void>.makeStream()

    /// Returns when the gate is open.
    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                guard case .closed(let waiting) = state else { return true }
                state = .closed(waiting + [continuation])
                return false
            }
            arrivals.continuation.yield()
            if isOpen { continuation.resume() }
        }
    }

    /// Lets everyone pass, now and later.
    func open() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard case .closed(let waiting) = state else { return [] }
            state = .open
            return waiting
        }
        waiting.forEach { $0.resume() }
    }

    /// Returns when so many more have come to the gate. One caller at a time.
    func awaitArrivals(_ count: Int = 1) async {
        var remaining = count
        for await _ in arrivals.stream {
            remaining -= 1
            if remaining == 0 { return }
        }
    }
}
