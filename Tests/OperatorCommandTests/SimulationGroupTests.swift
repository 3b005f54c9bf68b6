import Analytics
import Testing

@testable import OperatorCommand

@Suite("How simulate compares declared groups")
struct SimulationGroupTests {
    private static let ids = (1...3).map(SimulatedOutcome.id)
    private static let plan = SimulationPlan(
        exposedVisitors: 3000, outcomes: SimulatedOutcomes(count: 3), places: [], seed: 1)

    private func group(_ arms: [(id: String, exposed: Int, crossed: Int)], start: String = "09:30") -> String {
        let arms = arms.map { arm in
            """
            {"outcomeId": "\(arm.id)", "weight": 1, "exposed": \(arm.exposed), "maturing": \(arm.exposed),
            "crossed": \(arm.crossed), "mature": 0, "converted": 0, "verdict": {"word": "maturing"},
            "guardrails": [], "requests": 0, "refused": 0}
            """
        }
        return """
            {"name": "autumn", "conversion": "CUSTOMER", "baseline": "\(Self.ids[0])", "windowDays": 7,
            "tau": 0.01, "refusalLog10": 0, "warnings": [], "start": "2026-11-23T\(start):00.000Z", "arms": [\(arms.joined(separator: ","))]}
            """
    }

    /// Of the visitors whose outcomes among the first two begin with that one, how many there are and how many of them
    /// met both.
    private func expected(_ index: Int) -> (id: String, exposed: Int, crossed: Int) {
        let pair = Array(Self.ids.prefix(2))
        let met = Self.plan.visitors.map { $0.outcomeIDs.filter(pair.contains) }.filter { $0.first == pair[index] }
        return (pair[index], met.count, met.count { $0 == [pair[index], pair[1 - index]] })
    }

    private func comparison(_ group: String, inForce: Set<String> = ["autumn"]) throws -> SimulationComparison {
        SimulationComparison(
            plan: Self.plan, sent: SimulationTally(), groupsInForce: inForce,
            report: try OutcomesReport.decoded("", groups: group))
    }

    @Test("A visitor belongs to the first of the group's outcomes; one who met another of them is crossed")
    func equal() throws {
        let arms = [expected(0), expected(1)]
        #expect(arms.allSatisfy { $0.crossed > 0 && $0.exposed > $0.crossed })
        let comparison = try comparison(group(arms))
        #expect(comparison.groups.map(\.figure) == [.exposed, .crossed, .exposed, .crossed])
        #expect(comparison.groups.allSatisfy { $0.isEqual })
        #expect(comparison.groupsLeftOut.isEmpty)
    }

    @Test("A visitor under another arm is a difference")
    func different() throws {
        var arms = [expected(0), expected(1)]
        arms[0].exposed += 1
        arms[1].crossed -= 1
        let comparison = try comparison(group(arms))
        #expect(comparison.groups.map(\.isEqual) == [false, true, true, false])
        #expect(comparison.closing.hasPrefix("different: \(Self.ids[0]) autumn exposed: sent "))
    }

    @Test("A group that was still to begin is left out, and it is said why")
    func later() throws {
        let comparison = try comparison(group([(Self.ids[0], 0, 0), (Self.ids[1], 0, 0)]), inForce: [])
        #expect(comparison.groups.isEmpty && comparison.isEqual)
        #expect(
            comparison.groupsLeftOut == [
                "group autumn is left out: it holds for exposures from 2026-11-23 09:30 UTC on, and these came before"
            ])
    }

    @Test("A group holds from the quarter of an hour on in which it begins")
    func inForce() throws {
        for (start, expected) in [("09:15", ["autumn"]), ("09:30", ["autumn"]), ("09:45", [])]
            as [(String, Set<String>)]
        {
            let report = try OutcomesReport.decoded("", groups: group([], start: start))
            #expect(report.groupsInForce == expected)
        }
    }

    @Test("A rule version that is declared and has no exposures or conversions has no counts")
    func empty() throws {
        for (exposures, events) in [(0, 0), (1, 0), (0, 1)] {
            let report = try OutcomesReport.decoded(
                """
                {"outcomeId": "a", "exposed": 0, "exposures": \(exposures), "maturing": 0, "verdict": {"word": "maturing"}, "conversions": [
                {"conversion": "b", "unattributed": 0, "visitors": 0, "events": \(events)}]}
                """)
            #expect(report.hasCounts == (exposures + events > 0))
        }
    }
}
