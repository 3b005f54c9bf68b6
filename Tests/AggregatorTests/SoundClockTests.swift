import Synchronization
import Testing

@testable import Aggregator

@Suite("A clock that may be wrong")
struct SoundClockTests {
    private static let minute: Int64 = 60_000
    private static let hour = 60 * minute
    private static let day = 24 * hour
    private static let year = 365 * day
    /// In November 2023.
    private static let last: Int64 = 1_700_000_000_000

    /// A machine whose clock and whose running time the test says.
    private final class Machine: Sendable {
        private let state: Mutex<(wall: Int64, elapsed: Int64, changes: [Int64?])>

        init(_ wall: Int64) {
            state = Mutex((wall, 0, []))
        }

        func clock(
            last: Int64? = SoundClockTests.last, pauseEnd: Int64? = nil, isTrusted: Bool = false
        ) -> SoundClock {
            SoundClock(
                last: last, pauseEnd: pauseEnd, isTrusted: isTrusted, wall: { self.state.withLock(\.wall) },
                elapsed: { self.state.withLock(\.elapsed) },
                onChange: { reading in self.state.withLock { $0.changes.append(reading.doubtMilliseconds) } })
        }

        func pass(_ milliseconds: Int64) {
            state.withLock {
                $0.wall += milliseconds
                $0.elapsed += milliseconds
            }
        }

        func set(_ wall: Int64) {
            state.withLock { $0.wall = wall }
        }

        var wall: Int64 { state.withLock(\.wall) }

        var changes: [Int64?] { state.withLock(\.changes) }
    }

    @Test(
        "one that is plausible after the last commit is believed",
        arguments: [-day, -1, 0, 1, hour, 31 * day])
    func plausible(difference: Int64) {
        let machine = Machine(Self.last + difference)
        let clock = machine.clock()
        #expect(clock.reading == .init(milliseconds: Self.last + difference, doubtMilliseconds: nil))
        machine.pass(100 * Self.year)
        #expect(clock.nowMilliseconds == Self.last + difference + 100 * Self.year)
        #expect(machine.changes.isEmpty)
    }

    @Test(
        "one that is not is in doubt, and the time is that of the last commit and what has passed since",
        arguments: [10 * year, 31 * day + 1, -day - 1, -last, Int64.max - last, Int64.min + last])
    func implausible(difference: Int64) {
        let machine = Machine(Self.last &+ difference)
        let clock = machine.clock()
        #expect(clock.nowMilliseconds == Self.last)
        #expect((clock.reading.doubtMilliseconds ?? 0) != 0)
        #expect(machine.changes.count == 1)
        machine.set(Self.last + 5)
        #expect(clock.reading == .init(milliseconds: Self.last + 5, doubtMilliseconds: nil))
        #expect(machine.changes.count == 2)
    }

    @Test("time passes while the clock is in doubt, and the doubt says how far it is off")
    func passing() {
        let machine = Machine(Self.last + 10 * Self.year)
        let clock = machine.clock()
        machine.pass(Self.hour)
        #expect(clock.reading == .init(milliseconds: Self.last + Self.hour, doubtMilliseconds: 10 * Self.year))
        #expect(clock.nowMilliseconds == Self.last + Self.hour)
    }

    @Test(
        "one that jumps while the process runs is in doubt, in either direction, until it is set right",
        arguments: [10 * year, -last, 20 * day, -20 * day, hour, -hour, 6 * minute, -6 * minute],
        [3000, 90 * day])
    func jumping(difference: Int64, running: Int64) {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        #expect(clock.nowMilliseconds == Self.last)
        machine.pass(running)
        #expect(clock.nowMilliseconds == Self.last + running)
        machine.set(Self.last + running + difference)
        #expect(clock.reading == .init(milliseconds: Self.last + running, doubtMilliseconds: difference))
        #expect(clock.settledMilliseconds == nil)
        // A responder shares the clock, and says the same.
        clock.heard(Self.last + running + difference)
        machine.pass(Self.minute)
        #expect(clock.nowMilliseconds == Self.last + running + Self.minute)
        machine.set(Self.last + running + Self.minute)
        #expect(clock.reading == .init(milliseconds: Self.last + running + Self.minute, doubtMilliseconds: nil))
        #expect(machine.changes.count == 2)
    }

    @Test("one that is corrected a little is believed at once, and in steps that add up it is not")
    func corrected() {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        for days in 1...20 as ClosedRange<Int64> {
            machine.pass(Self.day)
            machine.set(Self.last + days * (Self.day + 4 * Self.minute))
            #expect(clock.reading == .init(milliseconds: machine.wall, doubtMilliseconds: nil))
        }
        let right = machine.wall
        for step in 1...20 as ClosedRange<Int64> {
            machine.set(right + step * 4 * Self.minute)
            #expect((clock.reading.doubtMilliseconds != nil) == (step > 1))
        }
    }

    @Test("the time for which a machine slept is no jump")
    func asleep() {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        #expect(clock.nowMilliseconds == Self.last)
        machine.pass(40 * Self.day)
        #expect(clock.reading == .init(milliseconds: Self.last + 40 * Self.day, doubtMilliseconds: nil))
        #expect(clock.settledMilliseconds == Self.last + 40 * Self.day)
        #expect(machine.changes.isEmpty)
    }

    @Test("one that moved by up to a day is believed once it has gone on for an hour", arguments: [day, -day, hour])
    func holding(difference: Int64) {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        machine.pass(2 * Self.day)
        #expect(clock.settledMilliseconds != nil)
        machine.set(machine.wall + difference)
        #expect(clock.reading.doubtMilliseconds == difference)
        machine.pass(Self.hour - 1)
        #expect(clock.reading.doubtMilliseconds == difference)
        machine.pass(1)
        #expect(clock.reading == .init(milliseconds: machine.wall, doubtMilliseconds: nil))
        // What it erases waits for a day.
        #expect(clock.settledMilliseconds == nil)
        machine.pass(Self.day)
        #expect(clock.settledMilliseconds == machine.wall)
    }

    @Test("one that jumps on and on is never believed")
    func restless() {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        #expect(clock.nowMilliseconds == Self.last)
        for step in 1...30 as ClosedRange<Int64> {
            machine.pass(50 * Self.minute)
            machine.set(machine.wall + Self.hour)
            #expect(clock.reading.doubtMilliseconds == step * Self.hour)
        }
    }

    @Test("steps of 31 days one after the other expire nobody, whether the process goes on or starts again")
    func steps() {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        #expect(clock.settledMilliseconds == Self.last)
        for _ in 1...13 {
            machine.set(machine.wall + 31 * Self.day)
            #expect(clock.settledMilliseconds == nil)
            machine.pass(2 * Self.hour)
            #expect(clock.nowMilliseconds <= Self.last + 33 * Self.day)
            #expect(clock.settledMilliseconds == nil)
        }
        var last = Self.last
        for _ in 1...13 {
            let started = Machine(last + 31 * Self.day)
            let clock = started.clock(last: last)
            started.pass(Self.day - 1)
            #expect(clock.settledMilliseconds == nil)
            last = clock.nowMilliseconds
        }
    }

    @Test("a start goes on with the day's wait that an earlier run began", arguments: [0, hour, day - 1, day, 3 * day])
    func waitingOn(since: Int64) {
        let machine = Machine(Self.last + Self.hour)
        let clock = machine.clock(last: Self.last, pauseEnd: machine.wall - since)
        #expect((clock.settledMilliseconds != nil) == (since >= Self.day))
        machine.pass(max(0, Self.day - since - 1))
        #expect((clock.settledMilliseconds != nil) == (since >= Self.day))
        machine.pass(1)
        #expect(clock.settledMilliseconds == machine.wall)
    }

    @Test(
        "a pause that seems to have ended later than now takes no longer than one that ends now",
        arguments: [last + 1, last + hour, .max])
    func waitingForLater(pauseEnd: Int64) {
        let machine = Machine(Self.last)
        let clock = machine.clock(last: Self.last, pauseEnd: pauseEnd)
        #expect(clock.settledMilliseconds == nil)
        machine.pass(Self.day)
        #expect(clock.settledMilliseconds == machine.wall)
    }

    @Test("what it was ahead at the start is taken back at once, as far as the last commit allows")
    func takenBack() {
        let machine = Machine(Self.last + 20 * Self.day)
        let clock = machine.clock()
        #expect(clock.nowMilliseconds == Self.last + 20 * Self.day)
        #expect(clock.settledMilliseconds == nil)
        machine.pass(Self.minute)
        machine.set(Self.last + 2 * Self.minute)
        #expect(clock.reading == .init(milliseconds: Self.last + 2 * Self.minute, doubtMilliseconds: nil))
        #expect(machine.changes.isEmpty)
        machine.set(Self.last - 10 * Self.minute)
        #expect(clock.reading.doubtMilliseconds == -12 * Self.minute)
    }

    @Test("one that is set late after a boot is believed within the hour, and on a later day it is not")
    func setLate() {
        for (days, isBelieved) in [(0, true), (1, false)] as [(Int64, Bool)] {
            let machine = Machine(Self.last)
            let clock = machine.clock()
            #expect(clock.nowMilliseconds == Self.last)
            machine.pass(days * Self.day)
            machine.set(machine.wall + 10 * Self.day)
            #expect(clock.reading.doubtMilliseconds == 10 * Self.day)
            machine.pass(Self.hour)
            #expect((clock.reading.doubtMilliseconds == nil) == isBelieved)
            #expect(clock.settledMilliseconds == nil)
        }
    }

    @Test("nothing is erased for a day where it is far ahead of the last commit at the start, and otherwise at once")
    func settled() {
        for (difference, isSettled) in [(-Self.day, true), (Self.day, true), (Self.day + 1, false)] {
            let machine = Machine(Self.last + difference)
            let clock = machine.clock()
            #expect((clock.settledMilliseconds != nil) == isSettled)
            machine.pass(Self.day)
            #expect(clock.settledMilliseconds == machine.wall)
        }
        #expect(Machine(Self.last + 10 * Self.year).clock(isTrusted: true).settledMilliseconds != nil)
    }

    @Test("the operator may say that it is right")
    func trusted() {
        let machine = Machine(Self.last + 10 * Self.year)
        let clock = machine.clock(isTrusted: true)
        #expect(clock.reading == .init(milliseconds: Self.last + 10 * Self.year, doubtMilliseconds: nil))
    }

    @Test("without a commit any clock is believed that was set, and none of before this program was made")
    func nothingKnown() {
        #expect(Machine(Self.last).clock(last: nil).nowMilliseconds == Self.last)
        let machine = Machine(0)
        let clock = machine.clock(last: nil)
        #expect(clock.nowMilliseconds == SoundClock.earliestMilliseconds)
        machine.set(Self.last)
        #expect(clock.nowMilliseconds == Self.last)
        // What was committed under that clock says nothing either.
        let dated = SoundClock.earliestMilliseconds + Self.day
        #expect(Machine(Self.last).clock(last: dated).nowMilliseconds == Self.last)
    }

    @Test("in doubt the time of a responder is believed where it can be true, and otherwise not")
    func hearing() {
        let machine = Machine(0)
        let clock = machine.clock()
        clock.heard(Self.last + 10 * Self.year)
        #expect(clock.nowMilliseconds == Self.last)
        clock.heard(Self.last + Self.day)
        #expect(clock.nowMilliseconds == Self.last + Self.day)
        #expect(clock.reading.doubtMilliseconds != nil)
        let sound = Machine(Self.last).clock()
        sound.heard(Self.last + Self.day)
        #expect(sound.nowMilliseconds == Self.last)
    }
}
