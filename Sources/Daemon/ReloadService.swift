import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A new configuration that came into force but for a part that could not, about which the log says all.
public struct IncompleteReload: Error {
    public init() {}
}

/// Reads the configuration again whenever the process gets SIGHUP, one reading at a time.
public struct ReloadService: Service {
    private let hangups: Hangups
    private let counter: ReloadCounter
    private let logger: Logger
    private let reload: @Sendable () async throws -> Void

    /// `reload` brings a new configuration into force or throws, its error saying what is wrong with it; then the one
    /// before is still in force, unless that is `IncompleteReload`.
    public init(
        on hangups: Hangups, counter: ReloadCounter, logger: Logger,
        reload: @escaping @Sendable () async throws -> Void
    ) {
        self.hangups = hangups
        self.counter = counter
        self.logger = logger
        self.reload = reload
    }

    /// Serves until the process is asked to stop.
    public func run() async throws {
        for await _ in hangups.signals.cancelOnGracefulShutdown() {
            do {
                try await reload()
                counter.count(isSuccessful: true)
            } catch is IncompleteReload {
                counter.count(isSuccessful: false)
            } catch {
                counter.count(isSuccessful: false)
                logger.error("\(error)")
                logger.error("not reloaded; what was in force stays so. Correct the above, and send SIGHUP again")
            }
        }
    }
}

/// The SIGHUPs that the process gets.
///
/// One that comes before anybody waits for it is kept.
public struct Hangups: Sendable {
    fileprivate let signals: UnixSignalsSequence

    public init() async {
        signals = await UnixSignalsSequence(trapping: .sighup)
    }
}

/// How often the configuration was read again since the start, for whoever asks.
public final class ReloadCounter: Sendable {
    private let successful = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)

    public init() {}

    public var successfulCount: Int { successful.load(ordering: .relaxed) }
    /// Those after which the configuration before stayed in force, all or a part of it.
    public var failedCount: Int { failed.load(ordering: .relaxed) }

    fileprivate func count(isSuccessful: Bool) {
        if isSuccessful {
            successful.add(1, ordering: .relaxed)
        } else {
            failed.add(1, ordering: .relaxed)
        }
    }
}
