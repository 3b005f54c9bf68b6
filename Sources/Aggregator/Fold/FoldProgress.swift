import Journal
import Synchronization

/// How far the fold has come, for whoever asks.
public final class FoldProgress: Sendable {
    /// So long a request may have been under way when its record arrives: a responder gives up after a few seconds.
    private static let underWayMilliseconds: Int64 = 10_000

    private struct State {
        var position: JournalPosition
        /// When the first record arrived that is not folded; nil while all are.
        var unfoldedSinceMilliseconds: Int64?
    }

    private let state: Mutex<State>
    private let clock: SoundClock

    /// - Parameters:
    ///   - start: what is folded.
    ///   - milliseconds: when the journal's next commit after it was made, since 1970, UTC; nil where there is none.
    public init(_ start: JournalPosition, unfoldedSinceMilliseconds milliseconds: Int64? = nil, clock: SoundClock) {
        state = Mutex(State(position: start, unfoldedSinceMilliseconds: milliseconds))
        self.clock = clock
    }

    public var position: JournalPosition {
        state.withLock { $0.position }
    }

    /// How old the reports are: for how long something durable has not been in them.
    public var age: Duration {
        let now = clock.nowMilliseconds
        return .milliseconds(max(0, now - (state.withLock { $0.unfoldedSinceMilliseconds } ?? now)))
    }

    /// The time up to which all records are counted, since 1970, UTC: with nothing left to fold this moment, otherwise when the
    /// first that is not folded arrived; less what a request may have been under way.
    ///
    /// Ask for it before the store is read: what is folded meanwhile makes the counts newer, never older.
    public var countedUntilMilliseconds: Int64 {
        let now = clock.nowMilliseconds
        return min(now, state.withLock { $0.unfoldedSinceMilliseconds } ?? now) - Self.underWayMilliseconds
    }

    /// Something has become durable.
    public func committed() {
        let now = clock.nowMilliseconds
        state.withLock { state in
            if state.unfoldedSinceMilliseconds == nil { state.unfoldedSinceMilliseconds = now }
        }
    }

    /// All up to `position` is folded, a commit that was made at `milliseconds`.
    func set(_ position: JournalPosition, committedMilliseconds milliseconds: Int64) {
        state.withLock { state in
            state.position = position
            // The next one was made no earlier, unless the clock was set back.
            if let since = state.unfoldedSinceMilliseconds {
                state.unfoldedSinceMilliseconds = max(since, milliseconds)
            }
        }
    }

    /// All that was durable at `milliseconds` is folded. `last` gives the journal's last position; it is asked inside, so
    /// that a commit of this very moment, which is told after the journal has it, is not taken for folded.
    func catchUp(to milliseconds: Int64, last: () -> JournalPosition) {
        state.withLock { state in
            state.unfoldedSinceMilliseconds =
                state.position.sequence >= last().sequence
                ? nil : max(state.unfoldedSinceMilliseconds ?? milliseconds, milliseconds)
        }
    }
}
