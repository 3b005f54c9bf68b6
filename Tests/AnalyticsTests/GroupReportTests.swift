import Storage
import Testing

@testable import Analytics

extension OutcomeCounts {
    /// What is counted of it as one of a group's outcomes.
    mutating func set(_ group: GroupCounts, of conversion: DimensionName = DimensionName("CUSTOMER")) {
        groupExposed = group.exposed
        groupCrossed = group.crossed
        conversions.removeAll { $0.conversion == conversion }
        conversions.append(ConversionCounts(conversion: conversion, groupConverted: group.converted))
    }
}

@Suite("The report of a declared group")
struct GroupReportTests {
    private static let period = GroupPeriod(
        group: DeclaredGroup(
            name: "autumn",
            shares: [
                DeclaredGroup.Share(outcome: DimensionName("a"), weight: 1),
                DeclaredGroup.Share(outcome: DimensionName("b"), weight: 1),
            ], baseline: DimensionName("a"), conversion: DimensionName("CUSTOMER"), windowDays: 7),
        start: Quarter(containing: 1_700_000_000_000))

    private static func counts(_ a: GroupCounts, _ b: GroupCounts) -> [OutcomeCounts] {
        var counts = [OutcomeCounts(outcome: DimensionName("a")), OutcomeCounts(outcome: DimensionName("b"))]
        for (index, group) in [a, b].enumerated() { counts[index].set(group) }
        return counts
    }

    private static func report(
        exposed: (GroupCounts, GroupCounts), mature: (GroupCounts, GroupCounts)
    ) -> GroupReport {
        GroupReport(period, exposed: counts(exposed.0, exposed.1), mature: counts(mature.0, mature.1)) { _ in nil }
    }

    /// Of 10,000 visitors each, so many converted.
    private static func report(converted a: Int, _ b: Int) -> GroupReport {
        let counts = (GroupCounts(exposed: 10_000, converted: a), GroupCounts(exposed: 10_000, converted: b))
        return report(exposed: counts, mature: counts)
    }

    @Test(
        "the verdict is the always-valid interval's: on which side of zero it lies",
        arguments: [
            (500, 1000, Verdict.Word.better), (1000, 500, .worse), (500, 520, .noDifferenceShownYet),
            (24, 1000, .noDifferenceShownYet),
        ])
    func verdicts(a: Int, b: Int, word: Verdict.Word) throws {
        let report = Self.report(converted: a, b)
        #expect(report.arms.map(\.verdict.word) == [.baseline, word])
        let difference = try #require(report.arms[1].difference)
        #expect(abs(difference - Double(b - a) / 10_000) < 1e-12)
        #expect(report.arms[0].difference == nil && report.arms[0].lift == nil)
    }

    @Test("with too few conversions it says how many there are and how many it takes")
    func few() {
        let report = Self.report(converted: 24, 1000)
        #expect(report.arms[1].differenceAlwaysValid == nil && report.arms[1].lift == nil)
        #expect(
            report.arms[1].verdict.reason
                == "too few conversions yet: 1000 here and 24 in the baseline, and each needs 25"
        )
    }

    @Test("while no window has passed the outcomes are maturing, and all visitors with them")
    func maturing() {
        let exposed = (GroupCounts(exposed: 50, crossed: 1, converted: 9), GroupCounts(exposed: 60))
        let report = Self.report(exposed: exposed, mature: (GroupCounts(), GroupCounts()))
        #expect(report.arms.map(\.verdict.word) == [.baseline, .maturing])
        #expect(report.arms.map(\.maturing) == [50, 60])
        #expect(report.arms.map(\.crossed) == [1, 0])
        #expect(report.arms.map(\.rate) == [nil, nil])
    }

    @Test("numbers of visitors that the weights cannot explain forbid every comparison, the baseline's too")
    func mismatch() throws {
        let counts = (GroupCounts(exposed: 10_000, converted: 500), GroupCounts(exposed: 9_000, converted: 900))
        let report = Self.report(exposed: counts, mature: counts)
        #expect(try #require(report.mismatchLog10) > 3)
        #expect(report.arms.map(\.verdict.word) == [.cannotBeCompared, .cannotBeCompared])
        #expect(report.arms[1].verdict.reason?.contains("not split as declared (1:1): 10000:9000 came") == true)
        #expect(report.arms[1].difference == nil && report.arms[1].differenceAlwaysValid == nil)
        #expect(report.arms[1].lift == nil && report.arms[1].liftAlwaysValid == nil)
    }

    @Test("what the weights could not explain once forbids comparing for good, whatever came since")
    func earlierMismatch() throws {
        let now = (GroupCounts(exposed: 10_000, converted: 500), GroupCounts(exposed: 10_000, converted: 900))
        let all = Self.counts(now.0, now.1)
        let days = [[600, 400], [400, 300], [9000, 9300]].enumerated().map { day, exposed in
            GroupDay(start: Quarter(Self.period.start.number + Int64(day) * 96), exposed: exposed, converted: [0, 0])
        }
        let report = GroupReport(Self.period, exposed: all, mature: all, days: days) { _ in nil }
        #expect(try #require(report.mismatchLog10) < 3)
        #expect(try #require(report.mismatchLog10Max) > 3)
        #expect(report.arms.map(\.verdict.word) == [.cannotBeCompared, .cannotBeCompared])
        #expect(report.arms[1].verdict.reason?.contains("were for a time not split as declared") == true)
    }

    @Test("an outcome that nobody has seen is said to be one")
    func unseen() {
        let exposed = (GroupCounts(exposed: 5), GroupCounts())
        let report = Self.report(exposed: exposed, mature: (GroupCounts(), GroupCounts()))
        #expect(report.arms[1].verdict.word == .maturing)
        #expect(
            report.arms[1].verdict.reason == "no visitor has been seen yet in this outcome or in the baseline")
    }

    @Test("a rate lies within its interval, and a difference within both of its own")
    func intervals() throws {
        let arm = Self.report(converted: 500, 1000).arms[1]
        let (rate, difference) = (try #require(arm.rate), try #require(arm.difference))
        let (ofRate, oneLook) = (try #require(arm.rateInterval), try #require(arm.differenceOneLook))
        let always = try #require(arm.differenceAlwaysValid)
        #expect(ofRate.low < rate && rate < ofRate.high)
        #expect(oneLook.low < difference && difference < oneLook.high)
        #expect(always.low < oneLook.low && oneLook.high < always.high)
        let (lift, ofLift) = (try #require(arm.lift), try #require(arm.liftAlwaysValid))
        #expect(abs(lift - 1) < 1e-12 && ofLift.low < lift && lift < ofLift.high)
    }

    @Test("a guardrail holds, is broken, or is not shown yet, and the primary conversion shares its error with it")
    func guardrails() throws {
        let read = DimensionName("READ")
        let group = DeclaredGroup(
            name: "guarded", shares: Self.period.group.shares, baseline: DimensionName("a"),
            conversion: DimensionName("CUSTOMER"),
            guardrails: [DeclaredGroup.Guardrail(conversion: read, margin: 0.02)])
        func report(reading a: Int, _ b: Int, of visitors: Int = 10_000) -> GroupReport {
            let exposed = GroupCounts(exposed: 10_000, converted: 500)
            var counts = Self.counts(exposed, GroupCounts(exposed: visitors, converted: 1000))
            counts[0].set(GroupCounts(exposed: 10_000, converted: a), of: read)
            counts[1].set(GroupCounts(exposed: visitors, converted: b), of: read)
            let period = GroupPeriod(group: group, start: Self.period.start)
            return GroupReport(period, exposed: counts, mature: counts) { _ in nil }
        }
        for (converted, word) in [
            (1000, GuardrailVerdict.Word.holds), (500, .broken), (0, .broken), (850, .notShownYet),
        ] {
            let arms = report(reading: 1000, converted).arms
            #expect(arms.map { $0.guardrails.map(\.verdict.word) } == [[.baseline], [word]])
            let guardrail = try #require(arms[1].guardrails.first)
            #expect(guardrail.conversion == "READ" && guardrail.margin == 0.02 && guardrail.converted == converted)
            let difference = try #require(guardrail.difference)
            #expect(abs(difference - Double(converted - 1000) / 10_000) < 1e-12)
            let interval = try #require(guardrail.differenceAlwaysValid)
            #expect(interval.low < difference && difference < interval.high)
            #expect(arms[0].guardrails[0].difference == nil && arms[0].guardrails[0].rate == 0.1)
        }
        let alone = try #require(Self.report(converted: 500, 1000).arms[1].differenceAlwaysValid)
        let shared = try #require(report(reading: 1000, 1000).arms[1].differenceAlwaysValid)
        #expect(shared.low < alone.low && alone.high < shared.high)
        let mismatched = report(reading: 1000, 1000, of: 9000).arms.map { $0.guardrails[0].verdict }
        #expect(mismatched.allSatisfy { $0.word == .cannotBeCompared && $0.reason?.contains("not split") == true })
    }

    @Test("a lift is told without an interval where that would be too wide")
    func untoldLift() {
        let group = DeclaredGroup(
            name: "tiny", shares: Self.period.group.shares, baseline: DimensionName("a"),
            conversion: DimensionName("CUSTOMER"), tau: 0.001)
        let counts = Self.counts(GroupCounts(exposed: 100, converted: 30), GroupCounts(exposed: 100, converted: 45))
        let arm = GroupReport(GroupPeriod(group: group, start: Self.period.start), exposed: counts, mature: counts) {
            _ in
            nil
        }.arms[1]
        #expect(arm.differenceAlwaysValid != nil)
        #expect(arm.lift.map { abs($0 - 0.5) < 1e-12 } == true && arm.liftAlwaysValid == nil)
    }
}
