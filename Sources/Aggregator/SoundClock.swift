import Records
import Synchronization

/// The time of day, as far as the machine's clock can be believed.
///
/// A machine without a battery starts in 1970, and a typing error makes it ten years older. Whoever took such a time would
/// erase every visitor, or date records where they stay for good. So the clock is held against the latest time that is
/// known, at first that of the journal's last commit, and then whatever it was a moment ago: it may be up to
/// `aheadMillisecondsMax` ahead of what has passed since, and up to `behindMillisecondsMax` behind. Beyond that the clock
/// is in doubt, and the time is what is known and the time that has passed since. The doubt ends when the clock is set
/// right, or when the operator says that it is.
public final class SoundClock: Sendable {
    /// So long an aggregator may have been away, with no commit, and still believe its clock.
    public static let aheadMillisecondsMax: Int64 = 31 * 24 * 60 * 60 * 1000
    /// So far a clock may be set back.
    public static let behindMillisecondsMax: Int64 = 24 * 60 * 60 * 1000
    /// The start of 2020, which is before this program was made. A clock that says less is not set, and where nothing else is
    /// known it is the time.
    static let earliestMilliseconds: Int64 = 1_577_836_800_000

    public struct Reading: Sendable, Equatable {
        /// Since 1970, UTC.
        public let milliseconds: Int64
        /// The machine's clock less that; nil where the clock is believed.
        public let doubtMilliseconds: Int64?
    }

    private struct State {
        /// What is known, and how long this process had been running then.
        var milliseconds: Int64
        var elapsedMilliseconds: Int64
        /// Whether there was anything to know.
        var isKnown: Bool
        var doubtMilliseconds: Int64?
    }

    private let wall: @Sendable () -> Int64
    private let elapsed: @Sendable () -> Int64
    private let onChange: @Sendable (Reading) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - last: the time of the journal's last commit, since 1970, UTC; nil where there is none.
    ///   - isTrusted: whether the operator says that the machine's clock is right now.
    ///   - wall: the machine's clock.
    ///   - elapsed: how long the process has been running, whatever becomes of the clock.
    ///   - onChange: is called when the clock comes into doubt or out of it.
    public init(
        last: Int64? = nil, isTrusted: Bool = false,
        wall: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() },
        elapsed: @escaping @Sendable () -> Int64 = SoundClock.sinceNow(),
        onChange: @escaping @Sendable (Reading) -> Void = { _ in }
    ) {
        self.wall = wall
        self.elapsed = elapsed
        self.onChange = onChange
        // What a clock that was not set has dated says nothing about the time.
        let known =
            isTrusted ? wall() : last.flatMap { $0 > Self.earliestMilliseconds + Self.aheadMillisecondsMax ? $0 : nil }
        state = Mutex(
            State(
                milliseconds: known ?? Self.earliestMilliseconds, elapsedMilliseconds: elapsed(), isKnown: known != nil,
                doubtMilliseconds: nil))
    }

    /// The milliseconds that pass from this call on.
    public static func sinceNow() -> @Sendable () -> Int64 {
        let start = ContinuousClock.now
        return {
            let (seconds, attoseconds) = (ContinuousClock.now - start).components
            return seconds * 1000 + attoseconds / 1_000_000_000_000_000
        }
    }

    public var nowMilliseconds: Int64 { reading.milliseconds }

    public var reading: Reading {
        let (reading, isNew) = state.withLock { state in
            let before = state.doubtMilliseconds
            let (wall, elapsed) = (self.wall(), self.elapsed())
            let expected = state.milliseconds + elapsed - state.elapsedMilliseconds
            if Self.isPlausible(wall, expected: expected, isKnown: state.isKnown) {
                state = State(milliseconds: wall, elapsedMilliseconds: elapsed, isKnown: true, doubtMilliseconds: nil)
            } else {
                let difference = wall.subtractingReportingOverflow(expected)
                state.doubtMilliseconds = difference.overflow ? (wall < 0 ? .min : .max) : difference.partialValue
            }
            let time = state.doubtMilliseconds == nil ? wall : expected
            return (
                Reading(milliseconds: time, doubtMilliseconds: state.doubtMilliseconds),
                (before == nil) != (state.doubtMilliseconds == nil)
            )
        }
        if isNew { onChange(reading) }
        return reading
    }

    /// A responder says what time it is. That is believed where it can be true and this machine's clock cannot.
    func heard(_ milliseconds: Int64) {
        guard reading.doubtMilliseconds != nil else { return }
        state.withLock { state in
            let elapsed = elapsed()
            let expected = state.milliseconds + elapsed - state.elapsedMilliseconds
            guard milliseconds > expected, Self.isPlausible(milliseconds, expected: expected, isKnown: state.isKnown)
            else { return }
            state.milliseconds = milliseconds
            state.elapsedMilliseconds = elapsed
            state.isKnown = true
        }
    }

    private static func isPlausible(_ milliseconds: Int64, expected: Int64, isKnown: Bool) -> Bool {
        guard isKnown else { return milliseconds >= earliestMilliseconds }
        return (expected - behindMillisecondsMax...expected + aheadMillisecondsMax).contains(milliseconds)
    }
}
