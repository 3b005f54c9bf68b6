import Foundation
import Testing

@testable import Analytics
@testable import Web

@Suite("What a comparison rests on, at a glance")
struct TrustLightTests {
    private struct Signs {
        var mismatch = 0.1
        var refusal = -0.5
        var crossed = 2
        var unattributed = 2
        var from: String?
    }

    private static func lights(_ signs: Signs = Signs()) throws -> [RulePage.TrustLight] {
        let arms = ["a", "b"].map {
            """
            {"outcomeId": "\($0)", "weight": 1, "exposed": 500, "maturing": 0, "crossed": \(signs.crossed), "mature": 500,
            "converted": 40, "guardrails": [], "requests": 600, "refused": 6, "verdict": {"word": "no difference shown yet"}}
            """
        }
        let outcomes = ["a", "b"].map {
            """
            {"outcomeId": "\($0)", "exposed": 500, "exposures": 600, "maturing": 0, "group": "g",
            "verdict": {"word": "no difference shown yet"}, "conversions": [{"conversion": "C", "converted": 40,
            "unattributed": \(signs.unattributed), "visitors": 50, "events": 60}]}
            """
        }
        let json = """
            {"site": "s", "ruleId": "r", "basis": "cohort", "timeZone": "UTC", "asOf": "2026-11-25T00:00:00.000Z",
            \(signs.from.map { "\"from\": \"\($0)\"," } ?? "")
            "epochs": [], "notes": [], "windowDays": 7, "outcomes": [\(outcomes.joined(separator: ","))],
            "groups": [{"name": "g", "conversion": "C", "baseline": "a", "windowDays": 7, "tau": 0.01,
            "refusalLog10": \(signs.refusal), "mismatchLog10": 0, "mismatchLog10Max": \(signs.mismatch),
            "start": "2026-11-01T00:00:00.000Z", "warnings": [], "arms": [\(arms.joined(separator: ","))]}]}
            """
        let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
        return TrustLights(report.groups[0], of: report).all
    }

    @Test("all four are good where nothing is amiss, and say by which numbers")
    func good() throws {
        let lights = try Self.lights()
        #expect(lights.map(\.name) == ["Split", "Refusals", "Crossings", "Exposures"])
        #expect(lights.allSatisfy { $0.tone == "good" && $0.sign == "✓" })
        #expect(lights[0].text == "As declared (1:1): 500 : 500 visitors.")
        #expect(lights[1].text.hasPrefix("12 of 1\u{202F}200 requests were lost (1.00 %)"))
        #expect(lights[3].text == "4 of 100 who converted (4.00 %) have no recorded view of an outcome.")
    }

    @Test(
        "each turns by itself, the split and the refusals by way of a doubt",
        arguments: [
            (Signs(mismatch: 2), 0, "watch"), (Signs(mismatch: 3), 0, "bad"), (Signs(refusal: 1), 1, "watch"),
            (Signs(refusal: 3.2), 1, "bad"), (Signs(crossed: 6), 2, "bad"), (Signs(unattributed: 4), 3, "bad"),
        ])
    private func turned(signs: Signs, index: Int, tone: String) throws {
        let lights = try Self.lights(signs)
        #expect(lights[index].tone == tone)
        #expect(lights.enumerated().allSatisfy { $0.offset == index || $0.element.tone == "good" })
    }

    @Test(
        "of a part of the time nothing is said of missing exposures, as conversions and exposures go by days of their own"
    )
    func partOfTime() throws {
        #expect(
            try Self.lights(Signs(from: "2026-11-02T00:00:00.000Z")).map(\.name) == ["Split", "Refusals", "Crossings"])
    }
}
