import Journal
import Records
import Storage
import Testing

@testable import Aggregator

@Suite("Commits in memory until they are folded")
struct FreshCommitsTests {
    private let inbox = FoldInbox()

    private static func row(_ sequence: Int64, bytes: Int = 10) -> JournalRow {
        JournalRow(
            position: JournalPosition(sequence: sequence, checksum: 0), recordCount: 1, committedMilliseconds: 0,
            batch: Array(repeating: 0, count: bytes))
    }

    private func taken(after sequence: Int64) -> [Int64]? {
        inbox.takeCommits(after: JournalPosition(sequence: sequence, checksum: 0))?.map(\.position.sequence)
    }

    @Test("those that follow a position come in order, once")
    func following() {
        for sequence in Int64(1)...4 { inbox.committed(Self.row(sequence)) }
        #expect(taken(after: 2) == [3, 4])
        #expect(taken(after: 2) == nil)
        inbox.committed(Self.row(5))
        #expect(taken(after: 4) == [5])
    }

    @Test("where the next one is missing there are none, and those behind it stay for later")
    func gap() {
        for sequence in Int64(7)...8 { inbox.committed(Self.row(sequence)) }
        #expect(taken(after: 5) == nil)
        #expect(taken(after: 6) == [7, 8])
    }

    @Test("what the fold has read from the journal meanwhile comes no second time")
    func readAlready() {
        for sequence in Int64(7)...8 { inbox.committed(Self.row(sequence)) }
        #expect(taken(after: 8) == nil)
        #expect(taken(after: 6) == nil)
    }

    @Test("more than 8 MiB are not kept, and what comes after that is")
    func bounded() {
        for sequence in Int64(1)...9 { inbox.committed(Self.row(sequence, bytes: 1 << 20)) }
        #expect(taken(after: 0) == nil)
        #expect(taken(after: 7) == [8, 9])
    }
}

@Suite("Answers until the store has noted them")
struct PendingAnswersTests {
    private static func entry(_ outcome: Int?, _ count: UInt64, reason: String = "durable") -> TallyEntry {
        let outcome = outcome.map { TallyEntry.Outcome(ruleID: "rule", outcomeID: "outcome \($0)") }
        return TallyEntry(
            kind: .init(site: "default", door: .conversions, status: 201, reason: reason, outcome: outcome),
            count: count)
    }

    private static func given(_ outcome: Int, _ count: Int, quarter: Int64) -> GivenAnswers {
        GivenAnswers(
            site: DimensionName("default"),
            outcome: .init(rule: DimensionName("rule"), outcome: DimensionName("outcome \(outcome)")),
            kind: AnswerKind(door: .conversions, status: 201, reason: "durable"), quarter: Quarter(quarter),
            count: count)
    }

    @Test("they add up by kind, outcome and quarter of an hour, and are taken once")
    func adding() {
        let inbox = FoldInbox()
        inbox.told([Self.entry(1, 2), Self.entry(2, 3)], nowMilliseconds: 0)
        inbox.told([Self.entry(1, 5)], nowMilliseconds: Quarter.milliseconds - 1)
        inbox.told([Self.entry(1, 7)], nowMilliseconds: Quarter.milliseconds)
        #expect(
            Set(inbox.takeAnswers()) == [
                Self.given(1, 7, quarter: 0), Self.given(2, 3, quarter: 0), Self.given(1, 7, quarter: 1),
            ])
        #expect(inbox.takeAnswers().isEmpty)
    }

    @Test("what is given back is there again, beside what came meanwhile")
    func givingBack() {
        let inbox = FoldInbox()
        inbox.told([Self.entry(1, 2)], nowMilliseconds: 0)
        let taken = inbox.takeAnswers()
        inbox.told([Self.entry(1, 1)], nowMilliseconds: 0)
        inbox.giveBack(taken)
        #expect(inbox.takeAnswers() == [Self.given(1, 3, quarter: 0)])
    }

    @Test("a count that no responder can have is taken for the largest that it can")
    func huge() {
        let inbox = FoldInbox()
        inbox.told([Self.entry(1, .max), Self.entry(1, 1 << 63)], nowMilliseconds: 0)
        #expect(inbox.takeAnswers().map(\.count) == [Int(TallyEntry.countMax) * 2])
    }

    @Test("outcomes whose ids read the same and are spelt otherwise are two")
    func spelling() {
        let inbox = FoldInbox()
        let entries = ["caf\u{E9}", "cafe\u{301}"].map { id in
            TallyEntry(
                kind: .init(
                    site: "default", status: 201, reason: "durable", outcome: .init(ruleID: "rule", outcomeID: id)),
                count: 1)
        }
        inbox.told(entries, nowMilliseconds: 0)
        #expect(inbox.takeAnswers().count == 2)
    }

    @Test("outcomes without end are told apart no more, and reasons without end are dropped")
    func limits() {
        let inbox = FoldInbox()
        for number in 0..<10_000 { inbox.told([Self.entry(number, 1)], nowMilliseconds: 0) }
        let taken = inbox.takeAnswers()
        #expect(taken.count < 10_000)
        #expect(taken.reduce(0) { $0 + $1.count } == 10_000)
        for number in 0..<40_000 { inbox.told([Self.entry(nil, 1, reason: "\(number)")], nowMilliseconds: 0) }
        #expect(inbox.takeAnswers().count < 20_000)
    }
}
