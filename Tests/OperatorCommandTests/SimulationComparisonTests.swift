import Analytics
import FoundationEssentials
import Testing

@testable import OperatorCommand

@Suite struct SimulationComparisonTests {
    private static let outcome = SimulatedOutcome.id(1)
    private static let registered = SimulationKey(outcomeID: outcome, conversion: "REGISTERED")
    private static let plan = SimulationPlan(
        exposedVisitors: 20, outcomes: SimulatedOutcomes(count: 2), places: [], seed: 1)

    /// Three visitors are exposed, one of them twice, who converts; another visitor does so unexposed, and twice. The
    /// last conversion took so many attempts.
    private func sent(attempts: Int = 1) -> SimulationTally {
        var tally = SimulationTally()
        for visitor in [0, 0, 1, 2] { tally.recorded(.exposure(to: Self.outcome), visitor: visitor, attempts: 1) }
        tally.recorded(Self.registered, visitor: 0, attempts: 1)
        tally.recorded(Self.registered, visitor: 3, attempts: 1)
        var other = SimulationTally()
        other.recorded(Self.registered, visitor: 3, attempts: attempts)
        other.answeredBot(status: 204)
        tally.add(other)
        return tally
    }

    private func comparison(
        _ sent: SimulationTally, exposed: Int = 3, exposures: Int = 4, converted: Int = 1, unattributed: Int = 1,
        events: Int = 3, conversion: String = "REGISTERED"
    ) throws -> SimulationComparison {
        let report = try OutcomesReport.decoded(
            """
            {"outcomeId": "\(Self.outcome)", "exposed": \(exposed), "exposures": \(exposures), "maturing": 0,
            "verdict": {"word": "cannot be compared"}, "conversions": [{"conversion": "\(conversion)", "converted": \(converted), "visitors": 2,
            "unattributed": \(unattributed), "events": \(events)}]}
            """)
        return SimulationComparison(plan: Self.plan, sent: sent, groupsInForce: [], report: report)
    }

    @Test("What was counted once for each that was sent is equal")
    func equal() throws {
        let comparison = try comparison(sent())
        #expect(comparison.isEqual)
        #expect(
            comparison.closing == "equal: 4 visitors, 4 exposures and 3 conversions, all counted; 0 of 1 bots counted")
    }

    @Test("Each figure that is one more or one less is a difference", arguments: [-1, 1])
    func different(by one: Int) throws {
        let closings: [(SimulationComparison, String)] = [
            (try comparison(sent(), exposed: 3 + one), "exposed: sent 3, counted \(3 + one)"),
            (try comparison(sent(), exposures: 4 + one), "exposures: sent 4, counted \(4 + one)"),
            (try comparison(sent(), converted: 1 + one), "REGISTERED converted: sent 1, counted \(1 + one)"),
            (try comparison(sent(), unattributed: 1 + one), "REGISTERED unattributed: sent 1, counted \(1 + one)"),
            (try comparison(sent(), events: 3 + one), "REGISTERED events: sent 3, counted \(3 + one)"),
        ]
        for (comparison, closing) in closings {
            #expect(!comparison.isEqual)
            #expect(comparison.closing == "different: \(Self.outcome) \(closing)")
        }
    }

    @Test("A conversion that was sent again may be several events, but never another visitor")
    func again() throws {
        for events in 2...6 {
            let comparison = try comparison(sent(attempts: 3), events: events)
            #expect(comparison.isEqual == (3...5).contains(events))
        }
        let unattributed = try comparison(sent(attempts: 3), unattributed: 2, events: 4)
        #expect(!unattributed.isEqual)
        let closing = try comparison(sent(attempts: 3), events: 4).closing
        #expect(closing.hasSuffix("; 2 requests were sent again, and 1 of those are events of their own"))
    }

    @Test("What was counted and never sent, and what was sent and is nowhere, are differences")
    func missing() throws {
        let other = try comparison(sent(), conversion: "OTHER")
        #expect(Set(other.counts.filter { !$0.isEqual }.map(\.name)) == ["OTHER", "REGISTERED"])
        let none = SimulationComparison(plan: Self.plan, sent: sent(), groupsInForce: [], report: nil)
        #expect(none.counts.allSatisfy { !$0.isEqual })
    }

    @Test("A request of a bot that is not answered 204 is a difference, whatever is counted")
    func bots() throws {
        var sent = sent()
        sent.answeredBot(status: 403)
        let comparison = try comparison(sent)
        #expect(comparison.closing.hasPrefix("different: 1 requests of bots were answered 403, not 204"))
    }
}

extension OutcomesReport {
    /// A report of these outcomes and groups, in JSON.
    static func decoded(
        _ outcomes: String, groups: String = "", asOf: String = "2026-11-23T09:30:00.000Z"
    ) throws -> OutcomesReport {
        let json = """
            {"site": "default", "ruleId": "r", "asOf": "\(asOf)", "epochs": [], "notes": [], "windowDays": 7, "basis": "cohort", "timeZone": "UTC", "groups": [\(groups)],
            "outcomes": [\(outcomes)]}
            """
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
    }
}
