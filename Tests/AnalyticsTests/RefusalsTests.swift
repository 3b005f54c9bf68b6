import Records
import Storage
import Testing

@testable import Analytics

@Suite("Refused requests of a group")
struct RefusalsTests {
    private static let group = DeclaredGroup(
        name: "autumn",
        shares: ["a", "b"].map { DeclaredGroup.Share(outcome: DimensionName($0), weight: 1) },
        baseline: DimensionName("a"), conversion: DimensionName("CUSTOMER"))

    private static func answers(
        _ outcome: String, _ count: Int, status: Int, reason: String = "x", door: Door = .conversions
    ) -> AnswerCounts {
        AnswerCounts(
            outcome: DimensionName(outcome), kind: AnswerKind(door: door, status: status, reason: reason), count: count)
    }

    private static func recorded(_ outcome: String, _ count: Int) -> AnswerCounts {
        answers(outcome, count, status: 201, reason: "durable")
    }

    @Test("lost is what was refused after its credential, or too late, and lines passed over but of programs")
    func kinds() {
        let refusals = Refusals(
            Self.group,
            answers: [
                Self.recorded("a", 10), Self.answers("a", 1, status: 401, reason: "expired"),
                Self.answers("a", 2, status: 503, reason: "journal-full"),
                Self.answers("a", 4, status: 204, reason: "excluded:bot"),
                Self.answers("a", 8, status: 0, reason: "in-flight", door: .log),
                Self.answers("a", 256, status: 0, reason: "tracking-id", door: .log),
                Self.answers("a", 16, status: 0, reason: "durable", door: .log),
                Self.answers("a", 32, status: 0, reason: "excluded:bot", door: .log),
                Self.answers("a", 64, status: 0, reason: "empty", door: .log), Self.recorded("elsewhere", 128),
            ])
        #expect(refusals.ofArms.map(\.successes) == [11, 0])
        #expect(refusals.ofArms.map(\.trials) == [37, 0])
    }

    @Test(
        "what anybody can send raises no warning, however much it is of one outcome, and hides none",
        arguments: [
            (401, "signature"), (401, "no-credential"), (401, "session"), (400, "tracking-id"), (400, "credentials"),
            (503, "session-unavailable"), (403, "origin"),
        ])
    func strangers(status: Int, reason: String) {
        let alike = ["a", "b"].map { Self.recorded($0, 9000) }
        let strangers = [Self.answers("b", 1_000_000, status: status, reason: reason)]
        let calm = Refusals(Self.group, answers: alike + strangers)
        #expect(calm.ofArms.map(\.successes) == [0, 0])
        #expect(!calm.evidence.isAlarm)
        let lost = [Self.answers("b", 1000, status: 503, reason: "deadline")]
        let loud = Refusals(
            Self.group, answers: alike + lost + [Self.answers("a", 1_000_000, status: status, reason: reason)])
        #expect(loud.evidence == Refusals(Self.group, answers: alike + lost).evidence)
        #expect(loud.evidence.isAlarm)
    }

    @Test("as many refused of each are no alarm, however many; twice as many of one are")
    func evidence() {
        let alike = Refusals(
            Self.group,
            answers: ["a", "b"].flatMap { [Self.recorded($0, 9000), Self.answers($0, 1000, status: 503)] })
        #expect(!alike.evidence.isAlarm)
        let other = Refusals(
            Self.group,
            answers: [
                Self.recorded("a", 9000), Self.answers("a", 500, status: 503), Self.recorded("b", 9000),
                Self.answers("b", 1000, status: 503),
            ])
        #expect(other.evidence.isAlarm)
        #expect(Refusals(Self.group, answers: []).evidence.log10Factor == 0)
    }

    @Test("a difference at one door is seen although the doors together are alike")
    func doors() {
        let refusals = Refusals(
            Self.group,
            answers: [
                Self.answers("a", 1000, status: 503, door: .exposures), Self.answers("b", 1000, status: 503),
                Self.recorded("a", 9000), Self.recorded("b", 8000),
                Self.answers("a", 8000, status: 201, reason: "durable", door: .exposures),
                Self.answers("b", 9000, status: 201, reason: "durable", door: .exposures),
            ])
        #expect(refusals.ofArms.map(\.successes) == [1000, 1000])
        #expect(refusals.evidence.isAlarm)
    }

    @Test("a group's report tells them, and warns of them")
    func report() {
        let period = GroupPeriod(group: Self.group, start: Quarter(0))
        let counts = ["a", "b"].map { OutcomeCounts(outcome: DimensionName($0)) }
        let report = GroupReport(
            period, exposed: counts, mature: counts,
            answers: [
                Self.recorded("a", 9000), Self.recorded("b", 9000), Self.answers("b", 1000, status: 503),
            ]
        ) { $0.uppercased() }
        #expect(report.arms.map(\.refused) == [0, 1000])
        #expect(report.arms.map(\.requests) == [9000, 10_000])
        #expect(report.refusalLog10 > 3)
        #expect(report.warnings.count == 1)
        #expect(report.warnings.first?.contains("0 of 9000 (0.0 %) under A, 1000 of 10000 (10.0 %) under B.") == true)
        // A warning forbids nothing.
        #expect(report.arms.map(\.verdict.word) == [.baseline, .maturing])
    }

    @Test("what nginx refused by itself is a warning above one in a hundred of a door's requests, and no evidence")
    func byNginx() {
        let period = GroupPeriod(group: Self.group, start: Quarter(0))
        let counts = ["a", "b"].map { OutcomeCounts(outcome: DimensionName($0)) }
        func warnings(exposures: Int, conversions: Int, reason: String = "nginx") -> [String] {
            let answers = [(Door.exposures, exposures, 429), (.conversions, conversions, 503)].flatMap {
                door, refused, status in
                [
                    AnswerCounts(
                        outcome: nil, kind: AnswerKind(door: door, status: status, reason: reason), count: refused),
                    AnswerCounts(
                        outcome: nil, kind: AnswerKind(door: door, status: 201, reason: "durable"), count: 9900),
                ]
            }
            let report = GroupReport(period, exposed: counts, mature: counts, siteAnswers: answers) { _ in nil }
            #expect(report.refusalLog10 == 0)
            return report.warnings
        }
        #expect(warnings(exposures: 100, conversions: 100).isEmpty)
        #expect(warnings(exposures: 5000, conversions: 5000, reason: "origin").isEmpty)
        #expect(warnings(exposures: 5000, conversions: 5000, reason: "excluded:bot").isEmpty)
        #expect(
            warnings(exposures: 1100, conversions: 0).first?.hasPrefix(
                "nginx refused 1100 of 11000 exposures (10.0 %) that the site was sent") == true)
        #expect(
            warnings(exposures: 1100, conversions: 101).first?.contains(
                "(10.0 %) and 101 of 10001 conversions (1.0 %) that") == true)
    }

    @Test("more than one in a hundred who met several outcomes are a warning", arguments: [(10, 0), (11, 1)])
    func crossed(count: Int, warnings: Int) {
        var counts = ["a", "b"].map { OutcomeCounts(outcome: DimensionName($0)) }
        counts[0].set(GroupCounts(exposed: 400, crossed: count))
        counts[1].set(GroupCounts(exposed: 600))
        let report = GroupReport(
            GroupPeriod(group: Self.group, start: Quarter(0)), exposed: counts, mature: counts
        ) { _ in nil }
        #expect(report.warnings.count == warnings)
        #expect(report.warnings.allSatisfy { $0.contains("\(count) of 1000 visitors (1.1 %) met more than one") })
    }

    @Test("a subject secret that was changed since the group began is a warning; one from before is none")
    func epochs() {
        let counts = ["a", "b"].map { OutcomeCounts(outcome: DimensionName($0)) }
        let warnings = { (epochs: [Int64]) in
            GroupReport(
                GroupPeriod(group: Self.group, start: Quarter(4)), exposed: counts, mature: counts, epochs: epochs
            ) { _ in nil }.warnings.count
        }
        let start = Quarter(4).startMilliseconds
        #expect(warnings([]) == 0)
        #expect(warnings([start + 1]) == 0)
        #expect(warnings([0, start]) == 0)
        #expect(warnings([0, start + 1]) == 1)
    }
}
