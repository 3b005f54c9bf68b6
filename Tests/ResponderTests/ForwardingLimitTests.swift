import Records
import Testing

@testable import Responder

@Suite("Limits of what is being forwarded")
struct ForwardingLimitTests {
    @Test("the responder's own limit holds, connected or not, and ends with an answer")
    func ownLimit() throws {
        let state = NumberedForwarding(inFlightMax: 2)
        #expect(state.submitAll(1...2))
        #expect(state.submit(3) == .tooManyInFlight)
        state.becomeReady(inFlightMax: 1000)
        #expect(state.submit(4) == .tooManyInFlight)
        #expect(try state.takeNumbers() == [1, 2])
        #expect(state.submit(5) == .tooManyInFlight)
        #expect(state.resolve(1)?.count == 1)
        #expect(state.submit(6) == nil)
        #expect(state.submit(7) == .tooManyInFlight)
    }

    @Test("one that is yielding leaves half of the room to others, of the aggregator's limit too, and is let in alone")
    func yielding() throws {
        let state = NumberedForwarding(inFlightMax: 8)
        #expect(state.submitAll(1...3))
        #expect(state.submit(4, isYielding: true) == nil)
        #expect(state.submit(5, isYielding: true) == .tooManyInFlight)
        #expect(state.submitAll(6...9))
        #expect(state.submit(10) == .tooManyInFlight)
        let other = NumberedForwarding(inFlightMax: 8, welcome: 4)
        #expect(other.submit(1, isYielding: true) == nil)
        #expect(other.submit(2, isYielding: true) == nil)
        #expect(other.submit(3, isYielding: true) == .tooManyInFlight)
        let least = NumberedForwarding(inFlightMax: 1)
        #expect(least.submit(1, isYielding: true) == nil)
    }

    @Test("a record that was given up but may still be answered is in flight")
    func abandonedCounts() throws {
        let state = NumberedForwarding(inFlightMax: 1, welcome: 1000)
        #expect(state.submitAll([1]))
        #expect(try state.takeNumbers() == [1])
        #expect(state.expire(at: 2000).count == 1)
        #expect(state.submit(2, at: 2000) == .tooManyInFlight)
        #expect(state.resolve(1) == [])
        #expect(state.submit(3, at: 2001) == nil)
    }

    @Test("the aggregator's limit holds where it is the lower one")
    func welcomeLimit() throws {
        let state = NumberedForwarding(welcome: 2)
        #expect(state.submitAll(1...2))
        #expect(state.submit(3) == .tooManyInFlight)
        #expect(try state.takeNumbers() == [1, 2])
        #expect(state.resolve(2)?.count == 2)
        #expect(state.submitAll(4...5))
    }

    @Test("no more await their answer on a connection than its welcome allows, however many have gathered")
    func welcomeLimitAfterGathering() throws {
        let state = NumberedForwarding()
        #expect(state.submitAll(1...5))
        state.becomeReady(inFlightMax: 2)
        #expect(try state.takeNumbers() == [1, 2])
        #expect(try state.takeNumbers() == nil)
        #expect(state.resolve(1)?.map(\.number) == [1])
        #expect(try state.takeNumbers() == [3])
        #expect(state.resolve(2)?.map(\.number) == [2, 3])
        #expect(try state.takeNumbers() == [4, 5])
    }

    @Test("the next connection's welcome may allow less, or more")
    func otherWelcome() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll(1...3))
        #expect(try state.takeNumbers() == [1, 2, 3])
        state.becomeDown(at: 0)
        state.becomeReady(inFlightMax: 1)
        #expect(try state.takeNumbers() == [1])
        state.becomeDown(at: 0)
        state.becomeReady(inFlightMax: 3)
        #expect(try state.takeNumbers() == [1, 2, 3])
    }

    @Test("records that fill a frame to the byte go into one, and one byte more makes it two", arguments: [0, 1])
    func frameLimit(excess: Int) {
        let state = NumberedForwarding(welcome: 1000)
        let sizes = [600_000, ForwardProtocol.recordBytesPerFrameMax - 600_000 + excess, 10]
        for (number, size) in sizes.enumerated() {
            let record = [UInt8](repeating: UInt8(number), count: size)
            #expect(state.submit(number, encoded: record) == nil)
        }
        let first = state.takeFrame()
        let second = state.takeFrame()
        let lengthBytes = 4
        let typeCountAndTimeBytes = 13
        if excess == 0 {
            #expect(first?.count == lengthBytes + ForwardProtocol.frameBytesMax)
            #expect(second?.count == lengthBytes + typeCountAndTimeBytes + 10)
        } else {
            #expect(first?.count == lengthBytes + typeCountAndTimeBytes + 600_000)
            #expect(second?.count == lengthBytes + typeCountAndTimeBytes + sizes[1] + 10)
        }
        #expect(state.takeFrame() == nil)
        #expect(state.resolve(3)?.count == 3)
    }

    @Test("frames that are split hold every record once and in order")
    func splitOrder() throws {
        let count = 20_000
        let state = NumberedForwarding(inFlightMax: count, welcome: UInt32(count))
        #expect(state.submitAll(0..<count))
        var frames: [[Int]] = []
        while let numbers = try state.takeNumbers() { frames.append(numbers) }
        #expect(frames.count > 1)
        #expect(frames.flatMap { $0 } == Array(0..<count))
    }
}
