import Records
import Synchronization

/// The epochs of the subjects that arrive, as responders tell them, until the store has noted them.
final class Epochs: Sendable {
    private struct State {
        var known: Set<SubjectEpoch> = []
        var new: [SubjectEpoch: Int64] = [:]
    }

    private let state = Mutex(State())
    private let onNew: @Sendable () -> Void

    /// `onNew` is called when there is one to note.
    init(onNew: @escaping @Sendable () -> Void) {
        self.onNew = onNew
    }

    func told(_ epoch: SubjectEpoch, nowMilliseconds: Int64) {
        let isNew = state.withLock { state in
            guard state.known.insert(epoch).inserted else { return false }
            state.new[epoch] = nowMilliseconds
            return true
        }
        if isNew { onNew() }
    }

    /// Those that the store may not know yet. Noting one again changes nothing, so whoever fails may forget about it until
    /// the next start: a store that cannot be written to counts nothing either.
    func take() -> [SubjectEpoch: Int64] {
        state.withLock { state in
            defer { state.new = [:] }
            return state.new
        }
    }
}
