import Glibc
import Records
import Synchronization

/// The time of day, as far as the machine's clock can be believed.
///
/// A machine without a battery starts in 1970, and a typing error makes it ten years older. Whoever took such a time would
/// erase every visitor, or date records where they stay for good. So the clock is held against what else is known.
///
/// **At a start** that is the time of the journal's last commit. The clock may be up to `aheadMillisecondsMax` ahead of it, since
/// nobody may have come for so long, and up to `behindMillisecondsMax` behind; the first time in that range is believed.
///
/// **From then on** it is the time that passes. A clock that moves against it by more than `jumpMillisecondsMax` is in doubt, in
/// either direction, and the time goes on as if it had not moved. Such a clock is believed again
/// - once it agrees with the time that has passed;
/// - on the first day of a run at once, where it takes back what it was ahead of the last commit at the start: it was wrong then,
///   and has been set;
/// - after `holdingMilliseconds` without another jump, where it has moved by at most `behindMillisecondsMax`, which is what a
///   virtual machine that was held up looks like, or where it is in the range for a start on the first day of a run, which is
///   what a clock looks like that was set late after a boot;
/// - where the operator says so, at the next start.
///
/// **What is erased** waits for longer: see ``settledMilliseconds``.
public final class SoundClock: Sendable {
    /// So long an aggregator may have been away, with no commit, and still believe its clock.
    public static let aheadMillisecondsMax: Int64 = 31 * dayMilliseconds
    /// So far a clock may be behind the last commit at a start.
    public static let behindMillisecondsMax: Int64 = dayMilliseconds
    /// So far the clock may move, within a day, against the time that passes. Programs that set it move it by less where it is in
    /// order, and they let the other one go as fast as this.
    static let jumpMillisecondsMax: Int64 = 5 * 60 * 1000
    /// So long a clock that has jumped must go on without another jump.
    static let holdingMilliseconds: Int64 = 60 * 60 * 1000
    private static let dayMilliseconds: Int64 = 24 * 60 * 60 * 1000
    /// The start of 2020, which is before this program was made. A clock that says less is not set, and where nothing else is
    /// known it is the time.
    static let earliestMilliseconds: Int64 = 1_577_836_800_000

    public struct Reading: Sendable, Equatable {
        /// Since 1970, UTC.
        public let milliseconds: Int64
        /// The machine's clock less that; nil where the clock is believed.
        public let doubtMilliseconds: Int64?
    }

    /// Times of day are kept as offsets: less how long this process has been running. So they do not change as time passes.
    private struct State {
        /// What was known at the start; nil where nothing was.
        let start: Int64?
        let startElapsed: Int64
        /// When, of the last day before the start, a pause between commits ended; nil where there was none.
        let pauseEnd: Int64?
        /// The time that is gone by, and since when of the running time.
        var offset: Int64
        var offsetElapsed: Int64
        /// Whether the machine's clock was believed in this run.
        var isBelieved = false
        /// Since when of the running time nothing has moved it.
        var soundElapsed: Int64 = 0
        /// Where the machine's clock has been since it came into doubt, or since it last jumped then.
        var departure: (offset: Int64, elapsed: Int64)?
    }

    private let wall: @Sendable () -> Int64
    private let elapsed: @Sendable () -> Int64
    private let onChange: @Sendable (Reading) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - last: the time of the journal's last commit, since 1970, UTC; nil where there is none.
    ///   - pauseEnd: the time of that commit of the day before it which followed on a pause of more than a day, as one does that
    ///     is the first under a clock that jumped; nil where there is none.
    ///   - isTrusted: whether the operator says that the machine's clock is right now.
    ///   - wall: the machine's clock.
    ///   - elapsed: how long the process has been running, whatever becomes of the clock.
    ///   - onChange: is called when the clock comes into doubt or out of it.
    public init(
        last: Int64? = nil, pauseEnd: Int64? = nil, isTrusted: Bool = false,
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
        let passed = elapsed()
        let start = known.map { $0.minusClamped(passed) }
        state = Mutex(
            State(
                start: start, startElapsed: passed, pauseEnd: pauseEnd,
                offset: start ?? Self.earliestMilliseconds - passed, offsetElapsed: passed, isBelieved: isTrusted,
                soundElapsed: passed - Self.dayMilliseconds))
    }

    /// The milliseconds that pass from this call on, those of a machine that sleeps among them.
    public static func sinceNow() -> @Sendable () -> Int64 {
        let now: @Sendable () -> Int64 = {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }
        let start = now()
        return { now() - start }
    }

    public var nowMilliseconds: Int64 { reading.milliseconds }

    public var reading: Reading { look().reading }

    /// The time by which things may be erased for good; nil while the clock is in doubt, and for a day after it was: when it
    /// jumped and is believed nonetheless, or was more than a day ahead of the last commit when the process started, or when an
    /// earlier one did within that day. Whoever set it wrong has that day to notice.
    var settledMilliseconds: Int64? {
        let (reading, soundMilliseconds) = look()
        return reading.doubtMilliseconds == nil && soundMilliseconds >= Self.dayMilliseconds
            ? reading.milliseconds : nil
    }

    /// The time, and for how long nothing has moved the clock.
    private func look() -> (reading: Reading, soundMilliseconds: Int64) {
        let (reading, sound, isNew) = state.withLock { state in
            let wasInDoubt = state.departure != nil
            let (wall, elapsed) = moment()
            let offset = wall.minusClamped(elapsed)
            Self.take(offset, elapsed, &state)
            let expected = state.offset + elapsed
            let isInDoubt = state.departure != nil
            return (
                Reading(
                    milliseconds: isInDoubt ? expected : wall,
                    doubtMilliseconds: isInDoubt ? wall.minusClamped(expected) : nil),
                elapsed - state.soundElapsed, wasInDoubt != isInDoubt
            )
        }
        if isNew { onChange(reading) }
        return (reading, sound)
    }

    /// Both clocks at one moment. A process that is held up in between would see a jump.
    private func moment() -> (wall: Int64, elapsed: Int64) {
        while true {
            let before = elapsed()
            let wall = wall()
            let after = elapsed()
            if after - before < 1000 { return (wall, after) }
        }
    }

    /// A responder says what time it is. That is believed where it can be true and this machine's clock, since the start, cannot.
    /// It says nothing about a clock that has jumped: responders mostly share it.
    func heard(_ milliseconds: Int64) {
        guard reading.doubtMilliseconds != nil else { return }
        state.withLock { state in
            let elapsed = elapsed()
            let offset = milliseconds.minusClamped(elapsed)
            guard !state.isBelieved, offset > state.offset, Self.isInRangeOfStart(offset, elapsed, state) else {
                return
            }
            state.offset = offset
            state.offsetElapsed = elapsed
        }
    }

    // MARK: What is believed

    /// Takes in where the machine's clock is now.
    private static func take(_ offset: Int64, _ elapsed: Int64, _ state: inout State) {
        if state.isBelieved, offset.isWithin(jumpMillisecondsMax, of: state.offset) {
            state.departure = nil
            // Small corrections may add up over months, but not within a day.
            guard elapsed - state.offsetElapsed >= dayMilliseconds else { return }
            state.offset = offset
            state.offsetElapsed = elapsed
        } else if !state.isBelieved, isInRangeOfStart(offset, elapsed, state) {
            believe(offset, elapsed, &state)
            // Where it agrees with the last commit there is only the wait of an earlier run to go on with: who starts a daemon
            // every day erases, too.
            if let start = state.start, offset.isWithin(dayMilliseconds, of: start) {
                let dayAgo = elapsed - dayMilliseconds
                state.soundElapsed = state.pauseEnd.map { min(max($0.minusClamped(offset), dayAgo), elapsed) } ?? dayAgo
            }
        } else if state.isBelieved, takesBackStart(offset, elapsed, state) {
            believe(offset, elapsed, &state)
        } else {
            depart(offset, elapsed, &state)
        }
    }

    private static func believe(_ offset: Int64, _ elapsed: Int64, _ state: inout State) {
        state.offset = offset
        state.offsetElapsed = elapsed
        state.isBelieved = true
        state.soundElapsed = elapsed
        state.departure = nil
    }

    /// The clock is in doubt, but may have held out for long enough.
    private static func depart(_ offset: Int64, _ elapsed: Int64, _ state: inout State) {
        guard let departure = state.departure, offset.isWithin(jumpMillisecondsMax, of: departure.offset) else {
            return state.departure = (offset, elapsed)
        }
        guard elapsed - departure.elapsed >= holdingMilliseconds, state.isBelieved else { return }
        let isNear = offset.isWithin(behindMillisecondsMax, of: state.offset)
        if isNear || isFirstDay(elapsed, state) && isInRangeOfStart(offset, elapsed, state) {
            believe(offset, elapsed, &state)
        }
    }

    private static func isInRangeOfStart(_ offset: Int64, _ elapsed: Int64, _ state: State) -> Bool {
        guard let start = state.start else { return offset >= earliestMilliseconds - elapsed }
        return (start - behindMillisecondsMax...start + aheadMillisecondsMax).contains(offset)
    }

    /// Whether the clock goes back towards what was known at the start, which it was ahead of.
    private static func takesBackStart(_ offset: Int64, _ elapsed: Int64, _ state: State) -> Bool {
        guard let start = state.start, isFirstDay(elapsed, state) else { return false }
        return offset < state.offset && offset >= start - jumpMillisecondsMax
    }

    private static func isFirstDay(_ elapsed: Int64, _ state: State) -> Bool {
        elapsed - state.startElapsed < dayMilliseconds
    }
}

/// Any clock may say anything, so a difference may be more than fits.
extension Int64 {
    fileprivate func minusClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < 0 ? .min : .max) : difference
    }

    fileprivate func isWithin(_ distance: Int64, of other: Int64) -> Bool {
        minusClamped(other).magnitude <= distance.magnitude
    }
}
