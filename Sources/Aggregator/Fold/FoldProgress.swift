import Journal
import Synchronization

/// How far the fold has come, for whoever asks.
public final class FoldProgress: Sendable {
    private struct State {
        var position: JournalPosition
        var caughtUp: ContinuousClock.Instant
    }

    private let state: Mutex<State>

    public init(_ start: JournalPosition) {
        state = Mutex(State(position: start, caughtUp: .now))
    }

    public var position: JournalPosition {
        state.withLock { $0.position }
    }

    /// How old the reports are: how long ago all that was durable was in them. `last` is the journal's last position.
    public func age(comparedTo last: JournalPosition) -> Duration {
        state.withLock { $0.position.sequence >= last.sequence ? .zero : .now - $0.caughtUp }
    }

    func set(_ position: JournalPosition) {
        state.withLock { $0.position = position }
    }

    /// All that was durable at that moment is folded.
    func catchUp(at moment: ContinuousClock.Instant) {
        state.withLock { $0.caughtUp = moment }
    }
}
