import Synchronization

/// The time of a schedule, which passes only when the schedule says so.
final class SimulatedClock: Sendable {
    private static let start: Int64 = 1_800_000_000_000

    private struct State {
        var elapsed: Int64 = 0
        /// What the machine's clock is ahead of what it was at first and what has passed since.
        var step: Int64 = 0
    }

    private let state = Mutex(State())

    /// Since the schedule began.
    var elapsedMilliseconds: Int64 { state.withLock { $0.elapsed } }

    /// What the machine's clock says: since 1970, UTC.
    var wallMilliseconds: Int64 { state.withLock { Self.start + $0.elapsed + $0.step } }

    func pass(milliseconds: Int64) {
        state.withLock { $0.elapsed += milliseconds }
    }

    /// Somebody sets the machine's clock so far off.
    func set(offMilliseconds milliseconds: Int64) {
        state.withLock { $0.step = milliseconds }
    }
}

/// What has to be true and is not.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
