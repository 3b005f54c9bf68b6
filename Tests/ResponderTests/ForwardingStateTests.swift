import Records
import Testing

@testable import Responder

@Suite("What is being forwarded")
struct ForwardingStateTests {
    @Test("records are sent in the order they came in, those at hand in one frame, each once")
    func order() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll(1...3))
        #expect(try state.takeNumbers() == [1, 2, 3])
        #expect(try state.takeNumbers() == nil)
        #expect(state.submitAll([4]))
        #expect(try state.takeNumbers() == [4])
    }

    @Test("an answer is for the earliest records that have none")
    func answers() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll(1...5))
        #expect(try state.takeNumbers()?.count == 5)
        #expect(state.resolve(2) == [Outcome(1, .durable), Outcome(2, .durable)])
        #expect(state.resolve(1, as: .journalFull) == [Outcome(3, .journalFull)])
        #expect(state.resolve(0) == [])
        #expect(state.resolve(2, as: .journalFull)?.map(\.number) == [4, 5])
        #expect(state.inFlightCount == 0)
        #expect(state.nextDeadlineMilliseconds == nil)
    }

    @Test("an answer for more than was sent is none, and changes nothing")
    func tooManyAnswers() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.resolve(1) == nil)
        #expect(state.submitAll(1...2))
        #expect(state.resolve(1) == nil, "submitted and not sent")
        #expect(try state.takeNumbers() == [1, 2])
        #expect(state.submitAll([3]))
        #expect(state.resolve(3) == nil)
        #expect(state.resolve(.max) == nil)
        #expect(state.resolve(2)?.map(\.number) == [1, 2])
        #expect(state.resolve(1) == nil)
    }

    @Test("before a welcome nothing is sent, and everything is once it has come")
    func beforeWelcome() throws {
        let state = NumberedForwarding()
        #expect(state.submitAll(1...3))
        #expect(try state.takeNumbers() == nil)
        state.becomeReady(inFlightMax: 1000)
        #expect(try state.takeNumbers() == [1, 2, 3])
    }

    @Test("what has no answer when the connection breaks is sent again, in order, before what is new")
    func resending() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll(1...4))
        #expect(try state.takeNumbers() == [1, 2, 3, 4])
        #expect(state.resolve(1)?.count == 1)
        #expect(state.submitAll([5]))
        state.becomeDown(at: 10)
        #expect(try state.takeNumbers() == nil)
        #expect(state.resolve(1) == nil, "nothing is sent on this connection")
        #expect(state.submitAll([6], at: 20))
        state.becomeReady(inFlightMax: 1000)
        #expect(try state.takeNumbers() == [2, 3, 4, 5, 6])
        #expect(state.resolve(5)?.map(\.number) == [2, 3, 4, 5, 6])
    }

    @Test("a connection that breaks time and again sends the same again")
    func resendingAgain() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll(1...2))
        for _ in 0..<3 {
            #expect(try state.takeNumbers() == [1, 2])
            state.becomeDown(at: 10)
            state.becomeDown(at: 11)
            state.becomeReady(inFlightMax: 1000)
        }
        #expect(try state.takeNumbers() == [1, 2])
        #expect(state.resolve(2)?.count == 2)
    }

    @Test("a record that is not sent by its deadline is given up and never sent")
    func unsentDeadline() throws {
        let state = NumberedForwarding()
        #expect(state.submitAll([1], at: 100))
        #expect(state.submitAll([2], at: 200))
        #expect(state.nextDeadlineMilliseconds == 2100)
        #expect(state.expire(at: 2099) == [])
        #expect(state.expire(at: 2100) == [Outcome(1, .deadlinePassed)])
        #expect(state.nextDeadlineMilliseconds == 2200)
        #expect(state.inFlightCount == 1)
        state.becomeReady(inFlightMax: 1000)
        #expect(try state.takeNumbers() == [2])
    }

    @Test("a record without answer by its deadline is given up, and its answer is still counted off")
    func sentDeadline() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll([1], at: 0))
        #expect(state.submitAll([2], at: 10))
        #expect(try state.takeNumbers() == [1, 2])
        #expect(state.expire(at: 2000) == [Outcome(1, .deadlinePassed)])
        #expect(state.expire(at: 2000) == [])
        #expect(state.nextDeadlineMilliseconds == 2010)
        #expect(state.submitAll([3], at: 2005))
        #expect(try state.takeNumbers() == [3])
        #expect(state.resolve(3) == [Outcome(2, .durable), Outcome(3, .durable)])
        #expect(state.inFlightCount == 0)
    }

    @Test("one answer may end among records that were given up")
    func answerAmongAbandoned() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll(1...3, at: 0))
        #expect(state.submitAll([4], at: 500))
        #expect(try state.takeNumbers()?.count == 4)
        #expect(state.expire(at: 2000).map(\.number) == [1, 2, 3])
        #expect(state.resolve(2) == [])
        #expect(state.nextDeadlineMilliseconds == 2500)
        #expect(state.resolve(2) == [Outcome(4, .durable)])
    }

    @Test("sent and unsent records are given up together, in order")
    func bothDeadlines() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll([1], at: 0))
        #expect(try state.takeNumbers() == [1])
        #expect(state.submitAll([2], at: 1))
        #expect(state.submitAll([3], at: 2))
        #expect(state.expire(at: 2001).map(\.number) == [1, 2])
        #expect(try state.takeNumbers() == [3])
        #expect(state.resolve(1) == [], "the first record's answer")
        #expect(state.resolve(1) == [Outcome(3, .durable)])
    }

    @Test("what was given up is not sent again on the next connection")
    func abandonedIsNotResent() throws {
        let state = NumberedForwarding(welcome: 1000)
        #expect(state.submitAll([1], at: 0))
        #expect(state.submitAll([2], at: 10))
        #expect(try state.takeNumbers() == [1, 2])
        #expect(state.expire(at: 2000).count == 1)
        state.becomeDown(at: 2001)
        #expect(state.inFlightCount == 1)
        state.becomeReady(inFlightMax: 1000)
        #expect(try state.takeNumbers() == [2])
        #expect(state.resolve(1) == [Outcome(2, .durable)])
    }

    @Test("a link that has been down for a deadline refuses at once")
    func longDown() {
        let state = NumberedForwarding()
        #expect(state.submit(1, at: 1999) == nil)
        #expect(state.submit(2, at: 2000) == .aggregatorAway)
        state.becomeReady(inFlightMax: 1000)
        #expect(state.submit(3, at: 5000) == nil)
        state.becomeDown(at: 6000)
        #expect(state.submit(4, at: 7999) == nil)
        state.becomeDown(at: 7999)
        #expect(state.submit(5, at: 8000) == .aggregatorAway, "a failed attempt to connect starts no new time")
    }
}

/// A ``ForwardingState`` whose records are told from each other by number, each its own waiter.
final class NumberedForwarding {
    private var state: ForwardingState<Int>

    init(inFlightMax: Int = 100) {
        state = ForwardingState(inFlightMax: inFlightMax, deadlineMilliseconds: 2000, nowMilliseconds: 0)
    }

    /// With a link that is ready from the start.
    convenience init(inFlightMax: Int = 100, welcome: UInt32) {
        self.init(inFlightMax: inFlightMax)
        becomeReady(inFlightMax: welcome)
    }

    var inFlightCount: Int { state.inFlightCount }
    var nextDeadlineMilliseconds: Int64? { state.nextDeadlineMilliseconds }

    func becomeReady(inFlightMax: UInt32) {
        state.becomeReady(inFlightMax: inFlightMax)
    }

    func becomeDown(at now: Int64) {
        state.becomeDown(nowMilliseconds: now)
    }

    /// Submits a record; `encoded` stands in place of a real one where its size matters.
    func submit(
        _ number: Int, at now: Int64 = 0, encoded: [UInt8]? = nil, isYielding: Bool = false
    ) -> ForwardingFate? {
        state.submit(waiter: number, nowMilliseconds: now, isYielding: isYielding) {
            $0 += encoded ?? Record.numbered(number).encoded
        }
    }

    /// Submits several and says whether all were taken.
    func submitAll(_ numbers: some Sequence<Int>, at now: Int64 = 0) -> Bool {
        numbers.allSatisfy { submit($0, at: now) == nil }
    }

    func takeFrame() -> [UInt8]? {
        state.takeFrame(sentMilliseconds: 0)
    }

    /// The numbers in the next frame; nil when there is none.
    func takeNumbers() throws -> [Int]? {
        try takeFrame().map { try Self.records(in: $0).map(\.number) }
    }

    func resolve(_ count: UInt32, as fate: ForwardingFate = .durable) -> [Outcome]? {
        state.resolve(count, as: fate)?.map(Outcome.init)
    }

    func expire(at now: Int64) -> [Outcome] {
        state.expire(nowMilliseconds: now).map(Outcome.init)
    }

    static func records(in frame: [UInt8]) throws -> [Record] {
        let decoded = try frame.dropFirst(4).withUnsafeBytes { try ResponderFrame(decoding: $0) }
        guard case .records(let records) = decoded else { throw NotRecords() }
        return try records.bytes.withUnsafeBytes { try Record.decodeAll($0) }
    }

    struct NotRecords: Error {}
}

extension Record {
    /// A record that is told from others by its id.
    static func numbered(_ number: Int) -> Record {
        Record(
            id: RecordID(UInt128(number)), timeMilliseconds: 1_700_000_000_000, subject: Subject(1), site: "default",
            event: .conversion(Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED")))
    }

    var number: Int {
        Int(id.value)
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}

/// What became of a numbered record.
struct Outcome: Equatable {
    let number: Int
    let fate: ForwardingFate

    init(_ number: Int, _ fate: ForwardingFate) {
        self.number = number
        self.fate = fate
    }

    init(_ resolution: ForwardingState<Int>.Resolution) {
        self.init(resolution.waiter, resolution.fate)
    }
}
