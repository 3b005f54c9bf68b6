import Synchronization

/// Hands out steps in their order, but none of a visitor while another of the same visitor is under way.
///
/// So the server sees each visitor's steps in the order they were planned in, however many requests are under way.
/// Nobody waits for a visitor: whoever is busy with one carries on with what came due meanwhile.
final class SimulationQueue: Sendable {
    private struct State {
        var next = 0
        /// What came due of each visitor who has a step under way.
        var due: [Int: [Int]] = [:]
    }

    private let visitors: [Int]
    private let state = Mutex(State())

    /// - Parameter visitors: Whose step each is.
    init(visitors: [Int]) {
        self.visitors = visitors
    }

    /// The index of the next step, which has begun then; nil when none is left to begin.
    func take() -> Int? {
        state.withLock { state in
            while state.next < visitors.count {
                let index = state.next
                state.next += 1
                guard state.due[visitors[index]] != nil else {
                    state.due[visitors[index]] = []
                    return index
                }
                state.due[visitors[index]]?.append(index)
            }
            return nil
        }
    }

    /// Ends a step, and returns the same visitor's next one where that came due meanwhile, which has begun then.
    func finish(_ index: Int) -> Int? {
        state.withLock { state in
            let visitor = visitors[index]
            guard let due = state.due[visitor], let first = due.first else {
                state.due[visitor] = nil
                return nil
            }
            state.due[visitor] = Array(due.dropFirst())
            return first
        }
    }
}
