import Dispatch

/// Where work is done that may wait for a disk. The threads that tasks share are as few as there are processors, and one
/// that waits is missing for all of them.
public struct DiskQueue: Sendable {
    private let queue: DispatchQueue

    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Does something there, after what was asked for before.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
