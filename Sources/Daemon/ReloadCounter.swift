import Synchronization

/// How often the configuration was read again since the start, for whoever asks.
public final class ReloadCounter: Sendable {
    private let successful = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)

    public init() {}

    public var successfulCount: Int { successful.load(ordering: .relaxed) }
    /// Those after which the configuration before stayed in force, all or a part of it.
    public var failedCount: Int { failed.load(ordering: .relaxed) }

    func count(isSuccessful: Bool) {
        if isSuccessful {
            successful.add(1, ordering: .relaxed)
        } else {
            failed.add(1, ordering: .relaxed)
        }
    }
}
