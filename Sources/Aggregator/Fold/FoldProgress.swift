import Journal
import Synchronization

/// How far the fold has come, for whoever asks.
public final class FoldProgress: Sendable {
    private struct State {
        var position: JournalPosition
        /// Since when something durable has not been folded; nil while all is.
        var behindSince: ContinuousClock.Instant?
    }

    private let state: Mutex<State>

    /// What the journal holds behind `start` counts as not folded from now on.
    public init(_ start: JournalPosition) {
        state = Mutex(State(position: start, behindSince: .now))
    }

    public var position: JournalPosition {
        state.withLock { $0.position }
    }

    /// How old the reports are: for how long something durable has not been in them.
    public var age: Duration {
        state.withLock { state in state.behindSince.map { .now - $0 } ?? .zero }
    }

    /// Something has become durable.
    public func committed() {
        state.withLock { state in
            if state.behindSince == nil { state.behindSince = .now }
        }
    }

    func set(_ position: JournalPosition) {
        state.withLock { $0.position = position }
    }

    /// All that was durable at `moment` is folded. `last` gives the journal's last position; it is asked inside, so that a
    /// commit of this very moment, which is told after the journal has it, is not taken for folded.
    func catchUp(to moment: ContinuousClock.Instant, last: () -> JournalPosition) {
        state.withLock { state in
            state.behindSince =
                state.position.sequence >= last().sequence ? nil : max(state.behindSince ?? moment, moment)
        }
    }
}
