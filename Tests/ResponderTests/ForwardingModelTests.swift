import Records
import TestSupport
import Testing

@testable import Responder

@Suite("Forwarding under random events")
struct ForwardingModelTests {
    @Test("every waiter is resolved once and in order, by an answer for its own record or by its deadline")
    func model() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("forwarding model: seed \(seed)")
        var seen: Set<ForwardingFate> = []
        for run in 0..<300 {
            var model = ForwardingModel(seed: seed &+ UInt64(run))
            try model.run(events: 400)
            #expect(model.faults.isEmpty, "seed \(seed &+ UInt64(run))")
            seen.formUnion(model.fates.values)
        }
        #expect(seen.count == 5, "every fate occurs")
    }
}

/// Drives a ``ForwardingState`` with random events from a responder, a clock, a connection and an aggregator, and holds
/// what it does against what must be true whatever happens.
struct ForwardingModel {
    private static let deadlineMilliseconds = 50

    private var state: ForwardingState<Int>
    private var random: SeededGenerator
    private var nowMilliseconds: Int64 = 0
    private let inFlightMax: Int

    /// The present connection: nil when it is down.
    private var welcomeMax: Int?
    /// What the aggregator of this connection has received and not answered, in order.
    private var unanswered: [Int] = []
    /// What was sent on this connection, answered or not.
    private var sentHere: [Int] = []

    private var submittedCount = 0
    private var submissionTimes: [Int64] = []
    private(set) var fates: [Int: ForwardingFate] = [:]
    /// What was resolved after it was taken in, in the order of resolution.
    private var outcomes: [Outcome] = []
    /// What was found to be untrue.
    private(set) var faults: [String] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        inFlightMax = Int.random(in: 1...20, using: &random)
        state = ForwardingState(
            inFlightMax: inFlightMax, deadlineMilliseconds: Self.deadlineMilliseconds, nowMilliseconds: 0)
    }

    /// Lets `count` events happen, then time enough for every deadline to pass.
    mutating func run(events count: Int) throws {
        for _ in 0..<count { try step() }
        nowMilliseconds += Int64(Self.deadlineMilliseconds)
        expire()
        check(fates.count == submittedCount, "\(submittedCount - fates.count) waiters are left")
        check(state.nextDeadlineMilliseconds == nil, "a deadline is left")
        checkOrder()
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<40: submit()
        case ..<60: try send()
        case ..<80: answer()
        case ..<90: elapse()
        case ..<96: connect()
        case ..<98: overAnswer()
        default: disconnect()
        }
        check(state.inFlightCount <= inFlightMax, "\(state.inFlightCount) in flight")
        check(unanswered.count <= welcomeMax ?? 0, "\(unanswered.count) unanswered")
    }

    private mutating func submit() {
        let number = submittedCount
        submittedCount += 1
        submissionTimes.append(nowMilliseconds)
        let encoded = Record.numbered(number).encoded
        if let fate = state.submit(waiter: number, nowMilliseconds: nowMilliseconds, encode: { $0 += encoded }) {
            check(fate == .tooManyInFlight || fate == .aggregatorAway, "refused as \(fate)")
            settle(Outcome(number, fate))
        }
    }

    private mutating func send() throws {
        guard let frame = state.takeFrame(sentMilliseconds: nowMilliseconds) else { return }
        check(welcomeMax != nil, "sent without a connection")
        check(frame.count <= 4 + ForwardProtocol.frameBytesMax, "a frame of \(frame.count) bytes")
        let numbers = try NumberedForwarding.records(in: frame).map(\.number)
        check(!numbers.isEmpty, "an empty frame")
        for number in numbers { check(fates[number] == nil, "\(number) sent although it has its fate") }
        sentHere += numbers
        unanswered += numbers
        check(zip(sentHere, sentHere.dropFirst()).allSatisfy { $0 < $1 }, "out of order, or twice on a connection")
    }

    private mutating func answer() {
        guard !unanswered.isEmpty else { return }
        let count = Int.random(in: 0...unanswered.count, using: &random)
        let fate = [ForwardingFate.durable, .durable, .journalFull][Int.random(in: 0..<3, using: &random)]
        let answered = unanswered.prefix(count).filter { fates[$0] == nil }
        unanswered.removeFirst(count)
        let outcomes = state.resolve(UInt32(count), as: fate)?.map(Outcome.init)
        check(outcomes == answered.map { Outcome($0, fate) }, "other records resolved than were answered for")
        for outcome in outcomes ?? [] { take(outcome) }
    }

    /// An aggregator that answers for more than it was sent is told by nil, and nothing is resolved.
    private mutating func overAnswer() {
        let excess = UInt32.random(in: 1...10, using: &random)
        check(state.resolve(UInt32(unanswered.count) + excess, as: .durable) == nil, "answers for nothing are taken")
    }

    private mutating func elapse() {
        nowMilliseconds += Int64.random(in: 0...20, using: &random)
        expire()
    }

    private mutating func expire() {
        for outcome in state.expire(nowMilliseconds: nowMilliseconds).map(Outcome.init) {
            check(outcome.fate == .deadlinePassed, "expired as \(outcome.fate)")
            let deadline = submissionTimes[outcome.number] + Int64(Self.deadlineMilliseconds)
            check(deadline <= nowMilliseconds, "\(outcome.number) given up early")
            take(outcome)
        }
        let next = state.nextDeadlineMilliseconds
        check(next.map { $0 > nowMilliseconds } ?? true, "a deadline that has passed is left")
    }

    private mutating func connect() {
        guard welcomeMax == nil else { return }
        let max = Int.random(in: 1...20, using: &random)
        welcomeMax = max
        state.becomeReady(inFlightMax: UInt32(max))
    }

    /// Attempts to connect may fail time and again.
    private mutating func disconnect() {
        welcomeMax = nil
        unanswered = []
        sentHere = []
        state.becomeDown(nowMilliseconds: nowMilliseconds)
    }

    private mutating func take(_ outcome: Outcome) {
        outcomes.append(outcome)
        settle(outcome)
    }

    private mutating func settle(_ outcome: Outcome) {
        check(fates.updateValue(outcome.fate, forKey: outcome.number) == nil, "\(outcome.number) resolved twice")
    }

    private mutating func checkOrder() {
        for (fate, outcomes) in Dictionary(grouping: outcomes, by: \.fate) {
            let numbers = outcomes.map(\.number)
            check(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "\(fate) out of order")
        }
    }

    private mutating func check(_ isTrue: Bool, _ fault: String) {
        if !isTrue { faults.append("at \(nowMilliseconds) ms: \(fault)") }
    }
}
