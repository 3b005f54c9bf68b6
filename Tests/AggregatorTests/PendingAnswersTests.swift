import ForwardProtocol
import Storage
import Testing

@testable import Aggregator

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
        let answers = PendingAnswers(onNew: {})
        answers.told([Self.entry(1, 2), Self.entry(2, 3)], nowMilliseconds: 0)
        answers.told([Self.entry(1, 5)], nowMilliseconds: Quarter.milliseconds - 1)
        answers.told([Self.entry(1, 7)], nowMilliseconds: Quarter.milliseconds)
        #expect(
            Set(answers.take()) == [
                Self.given(1, 7, quarter: 0), Self.given(2, 3, quarter: 0), Self.given(1, 7, quarter: 1),
            ])
        #expect(answers.take().isEmpty)
    }

    @Test("what is given back is there again, beside what came meanwhile")
    func givingBack() {
        let answers = PendingAnswers(onNew: {})
        answers.told([Self.entry(1, 2)], nowMilliseconds: 0)
        let taken = answers.take()
        answers.told([Self.entry(1, 1)], nowMilliseconds: 0)
        answers.giveBack(taken)
        #expect(answers.take() == [Self.given(1, 3, quarter: 0)])
    }

    @Test("a count that no responder can have is taken for the largest that it can")
    func huge() {
        let answers = PendingAnswers(onNew: {})
        answers.told([Self.entry(1, .max), Self.entry(1, 1 << 63)], nowMilliseconds: 0)
        #expect(answers.take().map(\.count) == [Int(TallyEntry.countMax) * 2])
    }

    @Test("outcomes whose ids read the same and are spelt otherwise are two")
    func spelling() {
        let answers = PendingAnswers(onNew: {})
        let entries = ["caf\u{E9}", "cafe\u{301}"].map { id in
            TallyEntry(
                kind: .init(
                    site: "default", status: 201, reason: "durable", outcome: .init(ruleID: "rule", outcomeID: id)),
                count: 1)
        }
        answers.told(entries, nowMilliseconds: 0)
        #expect(answers.take().count == 2)
    }

    @Test("outcomes without end are told apart no more, and reasons without end are dropped")
    func limits() {
        let answers = PendingAnswers(onNew: {})
        for number in 0..<10_000 { answers.told([Self.entry(number, 1)], nowMilliseconds: 0) }
        let taken = answers.take()
        #expect(taken.count < 10_000)
        #expect(taken.reduce(0) { $0 + $1.count } == 10_000)
        for number in 0..<40_000 { answers.told([Self.entry(nil, 1, reason: "\(number)")], nowMilliseconds: 0) }
        #expect(answers.take().count < 20_000)
    }
}
