import Records
import Testing

@testable import Responder

@Suite("The tally of answers")
struct TallyTests {
    private static func kind(_ number: Int, status: UInt16 = 204) -> TallyEntry.Kind {
        TallyEntry.Kind(site: "default", status: status, reason: "reason \(number)")
    }

    @Test("answers of one kind are counted together, and given once")
    func counts() {
        var tally = Tally()
        let before = tally.take()
        #expect(before == nil)
        for number in [1, 2, 1, 1] { tally.count(Self.kind(number)) }
        let entries = tally.take().map { Set($0) }
        #expect(entries == [TallyEntry(kind: Self.kind(1), count: 3), TallyEntry(kind: Self.kind(2), count: 1)])
        let after = tally.take()
        #expect(after == nil)
    }

    @Test("a counter's answers are counted with all others of its kind, and given once")
    func counters() {
        var tally = Tally()
        let (counter, other) = (TallyCounter(Self.kind(1)), TallyCounter(Self.kind(1)))
        for each in [counter, other, counter] { tally.count(each) }
        tally.count(Self.kind(1))
        #expect(tally.take() == [TallyEntry(kind: Self.kind(1), count: 4)])
        let between = tally.take()
        #expect(between == nil)
        tally.count(counter)
        #expect(tally.take() == [TallyEntry(kind: Self.kind(1), count: 1)])
    }

    @Test("of more counters than there may be kinds none's answers are lost")
    func manyCounters() {
        var tally = Tally()
        let counters = (0..<3000).map { TallyCounter(Self.kind($0 % 10)) }
        for counter in counters + counters { tally.count(counter) }
        #expect(tally.take()?.map(\.count) == Array(repeating: 600, count: 10))
    }

    @Test("site, status and reason each tell kinds apart")
    func kinds() {
        var tally = Tally()
        tally.count(TallyEntry.Kind(site: "a", status: 400, reason: "x"))
        tally.count(TallyEntry.Kind(site: "b", status: 400, reason: "x"))
        tally.count(TallyEntry.Kind(site: "a", status: 401, reason: "x"))
        tally.count(TallyEntry.Kind(site: "a", status: 400, reason: "y"))
        let entries = tally.take()
        #expect(entries?.count == 4)
    }

    @Test("kinds beyond a limit are counted together, and none is lost")
    func limit() {
        var tally = Tally()
        for number in 0..<5000 { tally.count(Self.kind(number)) }
        tally.count(Self.kind(0))
        tally.count(Self.kind(0, status: 400))
        let entries = tally.take() ?? []
        #expect(entries.count == 1025)
        #expect(entries.map(\.count).reduce(0, +) == 5002)
        #expect(entries.contains(TallyEntry(kind: Self.kind(0), count: 2)))
        let other = TallyEntry.Kind(site: "-", status: 0, reason: "other")
        #expect(entries.contains(TallyEntry(kind: other, count: 3977)))
        #expect(ResponderFrame.encodeAnswers(entries).count <= ForwardProtocol.frameBytesMax)
    }

    @Test("every answer of the endpoint is counted once, with its site, status and a reason of its own")
    func answers() async throws {
        var kinds: [TallyEntry.Kind] = []
        for fault in Fault.allCases {
            let meeting = try await Fault.meet([fault])
            kinds += meeting.endpoint.kinds
            #expect(meeting.endpoint.kinds.map { Int($0.status) } == [meeting.answer.status])
        }
        #expect(kinds.count == Fault.allCases.count)
        #expect(kinds.allSatisfy { ["-", "default", "off"].contains($0.site) })
        // Faults of one row may share a reason; those of different rows do not.
        let rows = zip(Fault.allCases.map(\.row), kinds.map { "\($0.status) \($0.reason)" })
        for (row, reason) in rows where row < 12 {
            #expect(rows.allSatisfy { $0.0 == row || $0.1 != reason }, "\(reason)")
        }
    }

    @Test("what strangers send of invented outcomes leaves room for the outcomes of visitors")
    func strangers() throws {
        var tally = Tally()
        let kind = { (outcome: String, status: UInt16, reason: String) in
            TallyEntry.Kind(
                site: "default", door: .conversions, status: status, reason: reason,
                outcome: TallyEntry.Outcome(ruleID: "rule", outcomeID: outcome))
        }
        for number in 0..<5000 { tally.count(kind("\(number)", 401, "signature")) }
        tally.count(kind("real", 503, "deadline"))
        tally.count(kind("real", 201, "durable"))
        let taken = tally.take()
        let entries = try #require(taken)
        #expect(entries.contains(TallyEntry(kind: kind("real", 503, "deadline"), count: 1)))
        #expect(entries.contains(TallyEntry(kind: kind("real", 201, "durable"), count: 1)))
        #expect(entries.map(\.count).reduce(0, +) == 5002)
    }

    @Test("invented outcomes are soon counted without their ids, by what else is known")
    func outcomes() throws {
        var tally = Tally()
        for number in 0..<5000 {
            let outcome = TallyEntry.Outcome(ruleID: "rule", outcomeID: "\(number)")
            tally.count(
                TallyEntry.Kind(site: "default", door: .exposures, status: 201, reason: "durable", outcome: outcome))
        }
        let taken = tally.take()
        let entries = try #require(taken)
        #expect(entries.count == 513)
        let general = TallyEntry.Kind(site: "default", door: .exposures, status: 201, reason: "durable")
        #expect(entries.contains(TallyEntry(kind: general, count: 5000 - 512)))
    }
}
