import Synchronization
import Testing

@testable import Aggregator

@Suite("A clock that may be wrong")
struct SoundClockTests {
    private static let hour: Int64 = 3_600_000
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

        func clock(last: Int64? = SoundClockTests.last, isTrusted: Bool = false) -> SoundClock {
            SoundClock(
                last: last, isTrusted: isTrusted, wall: { self.state.withLock(\.wall) },
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

    @Test("one that jumps while the process runs is in doubt, too", arguments: [10 * year, -last])
    func jumping(difference: Int64) {
        let machine = Machine(Self.last)
        let clock = machine.clock()
        machine.pass(90 * Self.day)
        #expect(clock.nowMilliseconds == Self.last + 90 * Self.day)
        machine.set(Self.last + 90 * Self.day + difference)
        #expect(clock.reading == .init(milliseconds: Self.last + 90 * Self.day, doubtMilliseconds: difference))
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
