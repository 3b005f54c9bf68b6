import Analytics
import FoundationEssentials
import Testing

@testable import OperatorCommand

@Suite struct SimulationComparisonTests {
    private static let key = SimulationKey(outcomeID: "graph/1#1", conversion: "REGISTERED")

    /// Two visitors, three conversions, the last of which took so many attempts.
    private func sent(attempts: Int = 1) -> SimulationTally {
        var tally = SimulationTally()
        tally.acknowledged(Self.key, visitor: 0, attempts: 1)
        var other = SimulationTally()
        other.acknowledged(Self.key, visitor: 0, attempts: 1)
        other.acknowledged(Self.key, visitor: 1, attempts: attempts)
        tally.add(other)
        return tally
    }

    private func report(subjects: Int, events: Int, conversion: String = "REGISTERED") throws -> OutcomesReport {
        let json = """
            {"site": "default", "ruleId": "r", "asOf": "2026-11-23T09:30:00.000Z", "epochs": [], "groups": [], "basis": "cohort",
            "timeZone": "UTC", "outcomes": [
            {"outcomeId": "graph/1#1", "exposed": 0, "exposures": 0, "maturing": 0,
            "verdict": {"word": "cannot be compared"}, "conversions": [
            {"conversion": "\(conversion)", "unattributed": 0, "visitors": \(subjects), "events": \(events)}]}]}
            """
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
    }

    @Test("What was counted once for each that was sent is equal")
    func equal() throws {
        let comparison = SimulationComparison(sent: sent(), report: try report(subjects: 2, events: 3))
        #expect(comparison.isEqual)
        #expect(comparison.closing == "equal: 2 visitors, 3 conversions, all counted")
    }

    @Test(
        "A subject or an event more or less is a difference", arguments: [(1, 3), (3, 3), (2, 2), (2, 4)])
    func different(subjects: Int, events: Int) throws {
        let comparison = SimulationComparison(sent: sent(), report: try report(subjects: subjects, events: events))
        #expect(!comparison.isEqual)
        #expect(
            comparison.closing == "different: graph/1#1 REGISTERED: sent 2 visitors with 3 conversions, "
                + "counted \(subjects) with \(events)")
    }

    @Test("A conversion that was sent again may be several events, but never another subject")
    func again() throws {
        let sent = sent(attempts: 3)
        for events in 3...5 {
            #expect(SimulationComparison(sent: sent, report: try report(subjects: 2, events: events)).isEqual)
        }
        #expect(!SimulationComparison(sent: sent, report: try report(subjects: 2, events: 2)).isEqual)
        #expect(!SimulationComparison(sent: sent, report: try report(subjects: 2, events: 6)).isEqual)
        #expect(!SimulationComparison(sent: sent, report: try report(subjects: 3, events: 4)).isEqual)
        #expect(
            SimulationComparison(sent: sent, report: try report(subjects: 2, events: 4)).closing
                == "equal: 2 visitors, 3 conversions, all counted; 2 requests were sent again, and 1 of those are events of "
                + "their own")
    }

    @Test("What was counted and never sent, and what was sent and is nowhere, are differences")
    func missing() throws {
        let other = SimulationComparison(sent: sent(), report: try report(subjects: 2, events: 3, conversion: "OTHER"))
        #expect(other.lines.map(\.isEqual) == [false, false])
        #expect(!SimulationComparison(sent: sent(), report: nil).isEqual)
    }
}
