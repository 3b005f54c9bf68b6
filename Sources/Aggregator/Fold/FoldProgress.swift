import Journal
import Synchronization

/// How far the fold has come, for whoever asks.
public final class FoldProgress: Sendable {
    private let current: Mutex<JournalPosition>

    public init(_ start: JournalPosition) {
        current = Mutex(start)
    }

    public var position: JournalPosition {
        current.withLock { $0 }
    }

    func set(_ position: JournalPosition) {
        current.withLock { $0 = position }
    }
}
