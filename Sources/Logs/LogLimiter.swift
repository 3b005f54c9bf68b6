import Logging

/// Keeps a peer from flooding the log: of each kind one line a second at first, and while they keep coming less and less
/// often, down to one a minute. Each says how many were left out before it.
public struct LogLimiter<Kind: Hashable & Sendable>: Sendable {
    private struct Window: Sendable {
        var startMilliseconds: Int64
        /// How long after its start no other line is written.
        var lengthMilliseconds = LogLimiter.lengthMilliseconds.lowerBound
        var suppressed = 0
    }

    private static var lengthMilliseconds: ClosedRange<Int64> { 1000...60_000 }

    /// A kind comes from a closed set of the caller's, so that this does not grow.
    private var windows: [Kind: Window] = [:]

    public init() {}

    /// Whether a line of this kind may be written now: nil when not, otherwise how many were left out since the last.
    public mutating func admit(_ kind: Kind, nowMilliseconds: Int64) -> Int? {
        guard let window = windows[kind] else {
            windows[kind] = Window(startMilliseconds: nowMilliseconds)
            return 0
        }
        let elapsed = nowMilliseconds - window.startMilliseconds
        guard elapsed >= window.lengthMilliseconds else {
            windows[kind]?.suppressed += 1
            return nil
        }
        let keepsComing = elapsed < 2 * window.lengthMilliseconds
        let length = keepsComing ? 2 * window.lengthMilliseconds : Self.lengthMilliseconds.lowerBound
        windows[kind] = Window(
            startMilliseconds: nowMilliseconds, lengthMilliseconds: min(length, Self.lengthMilliseconds.upperBound))
        return window.suppressed
    }

    /// Logs `message` if a line of this kind may be written now.
    public mutating func log(
        _ kind: Kind, _ message: @autoclosure () -> String, level: Logger.Level = .warning, to logger: Logger,
        nowMilliseconds: Int64
    ) {
        guard let suppressed = admit(kind, nowMilliseconds: nowMilliseconds) else { return }
        let note = suppressed > 0 ? " (\(suppressed) more like it since the last such line)" : ""
        logger.log(level: level, "\(message())\(note)")
    }
}
