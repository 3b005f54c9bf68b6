import Analytics
import Foundation
import Testing

@testable import Web

@Suite("The verdict in words")
struct HeadlineTests {
    private struct Arm {
        let name: String
        let word: String
        var reason: String?
        var bounds: (Double, Double)?
        /// Verdicts by conversion.
        var guardrails: KeyValuePairs<String, String> = [:]
    }

    /// Names stand between marks that keep the direction of their writing to themselves.
    private static func plain(_ text: String) -> String {
        text.replacing("\u{2068}", with: "").replacing("\u{2069}", with: "")
    }

    private static func headline(
        _ arms: [Arm], exposed: Int = 9, now: Date = now, warnings: [String] = []
    ) throws -> RulePage.Headline {
        let list = arms.map { arm in
            let reason = arm.reason.map { ", \"reason\": \"\($0)\"" } ?? ""
            let interval = arm.bounds.map { low, high in
                "\"difference\": \((low + high) / 2), \"differenceAlwaysValid\": {\"low\": \(low), \"high\": \(high)}, "
            }
            let guardrails = arm.guardrails.map { conversion, word in
                """
                {"conversion": "\(conversion)", "margin": 0.005, "converted": 1, "difference": -0.03,
                "differenceAlwaysValid": {"low": -0.04, "high": -0.02}, "verdict": {"word": "\(word)"}}
                """
            }
            return """
                {"guardrails": [\(guardrails.joined(separator: ","))], "outcomeId": "id of \(arm.name)", "outcomeName": "\(arm.name)", "weight": 1, "exposed": \(exposed), "maturing": 0,
                "crossed": 0, "mature": 9, "converted": 1, \(interval ?? "")"requests": 0, "refused": 0,
                "verdict": {"word": "\(arm.word)"\(reason)}}
                """
        }
        let json = """
            {"name": "g", "conversion": "CUSTOMER", "baseline": "id of \(arms[0].name)", "windowDays": 7, "tau": 0.01,
            "start": "2026-11-01T00:00:00.000Z", "refusalLog10": 0,
            "warnings": [\(warnings.map { "\"\($0)\"" }.joined(separator: ","))], "arms": [\(list.joined(separator: ","))]}
            """
        let group = try JSONDecoder().decode(GroupReport.self, from: Data(json.utf8))
        return RulePage.Headline(group, now: now)
    }

    /// Two days after the group began.
    private static let now = Date(timeIntervalSince1970: 1_793_664_000)

    private static let baseline = Arm(name: "Paywall", word: "baseline")

    @Test("the best of those that are better is ahead, and it is said by how much and how surely")
    func ahead() throws {
        let headline = try Self.headline([
            Self.baseline, Arm(name: "Form", word: "better", bounds: (0.004, 0.02)),
            Arm(name: "Advert", word: "better", bounds: (0.03, 0.05)),
        ])
        #expect(headline.tone == "ahead")
        #expect(Self.plain(headline.text) == "“Advert” is better than “Paywall”")
        #expect(headline.details.count == 2)
        #expect(
            Self.plain(headline.details[1]).hasPrefix(
                "Of 100 visitors, 3.0 to 5.0 more convert with “Advert” than with “Paywall”.")
        )
        #expect(headline.details[1].contains("no more than 5 of 100 tests"))
    }

    @Test("where all others are worse the baseline is ahead; where one is, it is not shown")
    func behind() throws {
        let worse = Arm(name: "Form", word: "worse", bounds: (-0.02, -0.004))
        let headline = try Self.headline([Self.baseline, worse])
        #expect(Self.plain(headline.text) == "“Paywall” is better than all others")
        #expect(Self.plain(headline.details[0]).contains("Of 100 visitors, 0.4 to 2.0 fewer convert with “Form”"))
        let open = Arm(name: "Advert", word: "no difference shown yet", bounds: (-0.01, 0.01))
        let mixed = try Self.headline([Self.baseline, worse, open])
        #expect(Self.plain(mixed.text) == "“Form” is behind “Paywall”; no winner among the others yet")
        #expect(
            Self.plain(mixed.details[1]).hasPrefix(
                "“Advert” may bring anything from 1.0 fewer to 1.0 more conversions in 100 visitors"))
    }

    @Test("what breaks a guardrail is said to, before the verdict where that is for nobody")
    func broken() throws {
        let guarded = Arm(name: "Paywall", word: "baseline", guardrails: ["READ": "baseline"])
        let better = Arm(name: "Form", word: "better", bounds: (0.004, 0.02), guardrails: ["READ": "broken"])
        let headline = try Self.headline([guarded, better])
        #expect(headline.tone == "open")
        #expect(Self.plain(headline.text) == "“Form” is better than “Paywall”, and breaks a guardrail")
        #expect(
            Self.plain(headline.details[0])
                == "Of 100 visitors, 2.0 to 4.0 fewer do READ with “Form” than with “Paywall”; 0.5 fewer would be allowed."
        )
        #expect(!headline.details[1].contains("You can decide now"))
        let open = Arm(
            name: "Advert", word: "no difference shown yet", bounds: (-0.01, 0.01), guardrails: ["READ": "broken"])
        let alarm = try Self.headline([guarded, open])
        #expect(alarm.tone == "alarm")
        #expect(Self.plain(alarm.text) == "“Advert” breaks a guardrail")
        #expect(
            alarm.details[1...2] == [
                "Stop showing it, or find out why.", "No winner yet: no difference is shown so far.",
            ])
        #expect(!alarm.details.contains { $0.contains("let it go on") })
        // Of two that are better and break one, the one that is better by most is the one that is told of.
        let best = Arm(name: "Advert", word: "better", bounds: (0.03, 0.05), guardrails: ["READ": "broken"])
        let two = try Self.headline([guarded, better, best])
        #expect(two.tone == "open")
        #expect(Self.plain(two.text) == "“Advert” is better than “Paywall”, and breaks a guardrail")
        // Of two that are better, the one that breaks nothing is ahead, though by less.
        let safe = Arm(name: "Letter", word: "better", bounds: (0.001, 0.01), guardrails: ["READ": "holds"])
        let both = try Self.headline([guarded, better, safe])
        #expect(both.tone == "ahead" && Self.plain(both.text) == "“Letter” is better than “Paywall”")
        #expect(both.details.contains { Self.plain($0).contains("fewer do READ") })
        #expect(both.details.contains { $0.contains("You can decide now") })
    }

    @Test("while a guardrail is not shown to hold, whoever is ahead is to be waited for")
    func unheld() throws {
        let headline = try Self.headline([
            Arm(name: "Paywall", word: "baseline", guardrails: ["READ": "baseline", "STAY": "baseline"]),
            Arm(
                name: "Form", word: "better", bounds: (0.004, 0.02),
                guardrails: ["READ": "not shown yet", "STAY": "holds"]),
        ])
        #expect(headline.tone == "ahead")
        #expect(
            Self.plain(headline.details[0]).contains("wait for READ: it is not shown yet that this guardrail holds"))
        #expect(!headline.details[0].contains("You can decide now"))
    }

    @Test("what cannot be told is said first, with the reason")
    func untold() throws {
        let few = Arm(name: "Form", word: "no difference shown yet", reason: "too few conversions yet")
        let open = try Self.headline([Self.baseline, few], warnings: ["look at this"])
        #expect(open.tone == "open" && open.text.hasPrefix("No winner yet"))
        #expect(open.details.first.map(Self.plain) == "“Form”: too few conversions yet.")
        #expect(open.warnings == ["look at this."])
        let maturing = Arm(name: "Form", word: "maturing", reason: "no visitor has been seen yet")
        let early = try Self.headline([Self.baseline, maturing])
        #expect(Self.plain(early.text) == "Too early to tell")
        #expect(
            early.details.map(Self.plain) == [
                "“Form”: no visitor has been seen yet.", "The first result is possible from 8 November 2026 on.",
            ])
        let late = try Self.headline([Self.baseline, maturing], now: Self.now.addingTimeInterval(864_000))
        #expect(late.details.count == 1)
        #expect(try Self.headline([Self.baseline, maturing], exposed: 0).details.count == 1)
        let blocked = ["Paywall", "Form"].map {
            Arm(name: $0, word: "cannot be compared", reason: "visitors are not split as declared")
        }
        let mismatch = try Self.headline(blocked)
        #expect(mismatch.tone == "alarm" && mismatch.text.contains("cannot be compared"))
        #expect(mismatch.details == ["Visitors are not split as declared."])
    }
}
