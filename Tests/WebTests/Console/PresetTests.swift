import Foundation
import Testing

@testable import Analytics
@testable import Web

@Suite("The ranges of time that a page offers")
struct PresetTests {
    /// At 09:00 UTC of 20 November, in a zone where it is the 20th as well.
    private static func links(
        basis: Basis = .cohort, windowDays: Int = 7, groupSince: String? = nil, zone: String? = nil
    ) throws -> [RulePage.Link] {
        let day = groupSince.map {
            #"{"day": "\#($0)", "end": "2026-11-20T00:00:00.000Z", "isMature": false, "arms": []}"#
        }
        let group = day.map {
            """
            {"name": "g", "conversion": "C", "baseline": "a", "windowDays": \(windowDays), "start": "2026-11-01T00:00:00.000Z",
            "outcomes": [], "days": [\($0)]}
            """
        }
        let course = """
            {"site": "s", "ruleId": "r", "asOf": "2026-11-20T09:00:00.000Z", "groups": [\(group ?? "")]}
            """
        let report = """
            {"site": "s", "ruleId": "r", "basis": "cohort", "timeZone": "UTC", "asOf": "2026-11-20T09:00:00.000Z",
            "windowDays": \(windowDays), "epochs": [], "outcomes": [], "notes": [], "groups": []}
            """
        let material = RulePage.Material(
            query: RuleQuery(ruleID: "r", basis: basis, timeZone: zone), asOf: nil,
            report: try JSONDecoder().decode(OutcomesReport.self, from: Data(report.utf8)), series: nil,
            chartProblem: nil, course: try JSONDecoder().decode(CourseReport.self, from: Data(course.utf8)),
            answers: nil,
            zone: try Zone(zone), zoneOfSite: zone, now: Date(timeIntervalSince1970: 1_795_165_200))
        return Presets(material).links
    }

    @Test("by the cohort each ends with the last day whose visitors have all had their window")
    func mature() throws {
        let links = try Self.links()
        #expect(
            links.map(\.text) == ["All time", "7 days, until 12 Nov", "28 days, until 12 Nov", "90 days, until 12 Nov"])
        #expect(links[1].href == "rule?ruleId=r&from=2026-11-06&to=2026-11-12")
        #expect(links.map(\.isCurrent) == [true, false, false, false])
        #expect(try Self.links(windowDays: 1)[1].href.hasSuffix("from=2026-11-12&to=2026-11-18"))
    }

    @Test("a group that is younger than its window has none of them yet")
    func young() throws {
        #expect(try Self.links(groupSince: "2026-11-13").map(\.text) == ["All time"])
        #expect(try Self.links(groupSince: "2026-11-12").count == 4)
    }

    @Test("by activity they end today")
    func active() throws {
        let links = try Self.links(basis: .activity)
        #expect(links.map(\.text) == ["All time", "Today, so far", "Last 7 days", "Last 28 days", "Last 90 days"])
        #expect(links[2].href.hasSuffix("from=2026-11-14&to=2026-11-20"))
    }

    @Test("days are the site's")
    func zone() throws {
        // It is the 20th at 22:00 there.
        #expect(try Self.links(zone: "Pacific/Auckland")[1].href.hasSuffix("to=2026-11-12&timeZone=Pacific%2FAuckland"))
        #expect(
            try Self.links(basis: .activity, zone: "Pacific/Auckland")[1].href.contains("from=2026-11-20&to=2026-11-20")
        )
    }
}
