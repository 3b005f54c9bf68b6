import Synchronization

/// Gives each number to one taker.
final class SharedCounter: Sendable {
    private let next = Atomic(0)

    func take() -> Int {
        next.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
