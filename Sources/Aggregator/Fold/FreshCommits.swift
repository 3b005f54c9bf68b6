import DequeModule
import Journal
import Synchronization

/// The latest commits, until they are folded: what was in memory a moment ago need not be read back and verified. What is
/// not here the journal has.
final class FreshCommits: Sendable {
    /// As much as the fold takes from the journal at once. Beyond it the fold is behind, and all are let go of.
    private static let bytesMax = 8 << 20
    /// What one takes besides its batch, about.
    private static let bytesPerCommit = 128

    private struct State {
        var rows = Deque<JournalRow>()
        var byteCount = 0
    }

    private let state = Mutex(State())

    /// Takes in a commit that is durable, and follows the one before.
    func append(_ row: JournalRow) {
        state.withLock { state in
            let byteCount = row.batch.count + Self.bytesPerCommit
            if state.byteCount + byteCount > Self.bytesMax { state = State() }
            state.rows.append(row)
            state.byteCount += byteCount
        }
    }

    /// Gives up all that follow `position`, in order; nil where the next one is not here.
    func take(after position: JournalPosition) -> [JournalRow]? {
        state.withLock { state in
            guard let first = state.rows.first, first.position.sequence <= position.sequence + 1 else { return nil }
            let rows = state.rows.filter { $0.position.sequence > position.sequence }
            state = State()
            return rows.isEmpty ? nil : Array(rows)
        }
    }
}
