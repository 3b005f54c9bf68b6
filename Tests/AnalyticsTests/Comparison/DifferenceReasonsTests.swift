import Testing

@testable import Analytics

@Suite("Reasons why Zephr's numbers differ from those here")
struct DifferenceReasonsTests {
    private static let total = [",,a,100,,,0,8"]

    /// The reasons of each count, one text each.
    private static func reasons(_ compared: Compared) throws -> [String] {
        let comparison = try compared.comparison()
        return comparison.outcomes.flatMap { outcome in
            outcome.counts.map {
                (outcome.reasons + $0.reasons).map { comparison.reasons[$0] }.joined(separator: " | ")
            }
        }
    }

    private static func compared(
        _ zephr: [String] = total, own: [String], _ change: (inout Compared) -> Void = { _ in }
    ) -> Compared {
        var compared = Compared(zephr: zephr, own: own, from: "2026-06-01", to: "2026-06-30")
        change(&compared)
        return compared
    }

    private static func exposed(_ id: String, exposures: Int = 1, _ conversions: String = "") -> String {
        """
        {"outcomeId": "\(id)", "exposed": 1, "exposures": \(exposures), "verdict": {"word": "cannot be compared"},
        "conversions": [\(conversions)]}
        """
    }

    @Test("Where nothing is known, that is said, and nothing is guessed")
    func none() throws {
        let more = try Self.reasons(Self.compared(own: [",,a,120,,,0,9"]))
        #expect(more == [DifferenceReasons.none, DifferenceReasons.none])
        #expect(try Self.reasons(Self.compared(own: [",,a,100,,,0,8"])) == ["", ""])
    }

    @Test("What happened before recording began is in the file alone; only where the file has more")
    func began() throws {
        let late = { (compared: inout Compared) in
            compared.from = nil
            compared.firstEvent = "2026-06-10T09:15:00.000Z"
        }
        let sentence = "Recording began here at 2026-06-10 09:15 UTC: what happened before is in the file alone."
        #expect(try Self.reasons(Self.compared(own: [",,a,90,,,0,8"], late)) == [sentence, ""])
        #expect(try Self.reasons(Self.compared(own: [",,a,110,,,0,8"], late)) == [DifferenceReasons.none, ""])
        let within = Self.compared(own: [",,a,90,,,0,8"]) { $0.firstEvent = "2026-05-31T23:00:00.000Z" }
        #expect(try !Self.reasons(within)[0].contains("Recording began"))
    }

    @Test("Of days, those up to the first one of recording have that reason, by the days of the time zone")
    func beganOnDay() throws {
        let days = ["09", "10", "11"].map { ",,a,10,2026-06-\($0),1 day,0,0" }
        let compared = Self.compared(days, own: [",,a,4,2026-06-10T00:00:00+02:00,1 day,0,0"]) {
            $0.timeZone = "Europe/Berlin"
            $0.firstEvent = "2026-06-09T22:30:00.000Z"
        }
        let has = try Self.reasons(compared).map { $0.contains("Recording began here at 2026-06-09 22:30 UTC") }
        #expect(has == [true, true, false])
    }

    @Test("A day that is not over, and a time without end, are told")
    func notOver() throws {
        let days = ["29", "30"].map { ",,a,10,2026-06-\($0),1 day,0,0" }
        let own = ["29", "30"].map { ",,a,12,2026-06-\($0)T00:00:00Z,1 day,0,0" }
        let compared = Self.compared(days, own: own) { $0.asOf = "2026-06-30T09:30:00.000Z" }
        let reasons = try Self.reasons(compared)
        #expect(reasons[0] == DifferenceReasons.none)
        #expect(reasons[1].hasPrefix("2026-06-30 was not over: here all is counted up to 2026-06-30 09:30 UTC"))
        let open = Self.compared(own: [",,a,120,,,0,8"]) { $0.to = nil }
        #expect(
            try Self.reasons(open)[0]
                == "Here all is counted up to 2026-12-01 09:30 UTC, and in the file up to its export.")
    }

    @Test("A range counts who met an outcome first in it, where there was something before")
    func cohort() throws {
        #expect(
            try Self.reasons(Self.compared(own: [",,a,90,,,0,8"]))[0].hasPrefix(
                "Here visitors count who met an outcome first after 2026-06-01"))
    }

    @Test("Of a total that the file leaves empty that alone is said, also where a row of several has one")
    func emptyTotal() throws {
        let late = { (compared: inout Compared) in compared.epochs = "\"2026-06-15T10:00:00.000Z\"" }
        let own = [",,a,90,,,0,8"]
        for zephr in [[",,a,,,,0,8"], ["A,P,a,60,,,0,4", "B,Q,a,,,,0,4"], [",,a,60,,,0,4", ",,a,,,,0,4"]] {
            let compared = Self.compared(zephr, own: own, late)
            #expect(try compared.comparison().outcomes[0].counts.map(\.zephr) == [nil, 8])
            #expect(try Self.reasons(compared) == [DifferenceReasons.emptyTotal, ""])
        }
    }

    @Test("A day without a row is nobody only in a file that has totals")
    func missingDay() throws {
        let own = ["01", "02"].map { ",,a,9,2026-06-\($0)T00:00:00Z,1 day,0,0" }
        for (total, zephr) in [("", [nil, nil]), ("9", [9, 0])] as [(String, [Int?])] {
            let compared = Self.compared([",,a,\(total),2026-06-01,1 day,0,0"], own: own)
            #expect(try compared.comparison().outcomes[0].counts.map(\.zephr) == zephr)
        }
    }

    @Test("Without exposures the total is not known here; without one to the outcome it is 0")
    func exposures() throws {
        let unknown = try Self.reasons(Self.compared(own: [",,a,,,,0,8"]))
        #expect(unknown[0].hasPrefix("No exposures are recorded for this rule version") && unknown[1].isEmpty)
        let zephr = Self.total + [",,b,1,,,0,0"]
        let some = Self.compared(zephr, own: [",,a,0,,,0,0", ",,b,1,,,0,0"]) {
            $0.details = ["a": Self.exposed("a", exposures: 0)]
        }
        let sentence = "No exposure to a is recorded in this time, so that nobody counts as having met it."
        #expect(try Self.reasons(some).map { $0.contains(sentence) } == [true, true, false])
    }

    @Test("Conversions outside the window, or without an exposure, are told by how many there are")
    func window() throws {
        let detail = Self.exposed(
            "a", "{\"conversion\": \"CUSTOMER\", \"converted\": 5, \"visitors\": 9, \"unattributed\": 3, \"events\": 9}"
        )
        let compared = Self.compared(own: [",,a,100,,,0,5"]) { $0.details = ["a": detail] }
        let reasons = try Self.reasons(compared)
        #expect(reasons[1].contains("More visitors, 4, did CUSTOMER here under a, outside the 7 days around"))
        #expect(reasons[1].contains(", 3 of them not known to have met it;"))
        var more = compared
        more.own = [",,a,100,,,0,9"]
        #expect(try !Self.reasons(more)[1].contains("outside the 7 days"))
    }

    @Test("Conversions that the file has no column for, or none of, came through this endpoint")
    func endpoint() throws {
        var compared = Self.compared(own: [",,a,100,,,4,8"])
        #expect(
            try Self.reasons(compared)[1].hasPrefix(
                "The file counts no REGISTERED at all: conversions that pages record"))
        compared.zephrText = Compared.file([",,a,100,,,8"], conversions: ["CUSTOMER"])
        #expect(try Self.reasons(compared).last?.hasPrefix("The file has no column for REGISTERED: ") == true)
        let some = Self.compared(Self.total + [",,b,1,,,1,0"], own: [",,a,100,,,4,8", ",,b,1,,,1,0"])
        #expect(try Self.reasons(some).allSatisfy { !$0.contains("this endpoint") })
    }

    @Test("Refused requests are told by outcome, door and reason, where the file has more")
    func refused() throws {
        let answers = { (compared: inout Compared) in
            compared.answers = [
                ("a", "conversions", 401, "expired", 12), ("a", "conversions", 400, "field", 2),
                ("a", "conversions", 201, "durable", 50),
                ("b", "conversions", 401, "expired", 7), ("a", "exposures", 503, "deadline", 3),
            ]
        }
        let reasons = try Self.reasons(Self.compared(own: [",,a,90,,,0,4"], answers))
        #expect(reasons[0].contains("Requests about a were refused here in this time, 3 in all: 503 deadline 3."))
        #expect(
            reasons[1].contains(
                "Requests about a were refused here in this time, 14 in all: 401 expired 12, 400 field 2."))
        let more = try Self.reasons(Self.compared(own: [",,a,110,,,0,14"], answers))
        #expect(more.allSatisfy { !$0.contains("refused") })
    }

    @Test("What was left out on purpose is told of the site, where the file has more")
    func excluded() throws {
        let answers = { (compared: inout Compared) in
            compared.answers = [(nil, "exposures", 204, "excluded:bot", 20), (nil, "log", 0, "excluded:staff", 3)]
        }
        let sentence =
            "Requests of the site were left out on purpose in this time, 23 in all, which are not told by outcome: bot 20, staff 3."
        #expect(try Self.reasons(Self.compared(own: [",,a,90,,,0,8"], answers))[0].contains(sentence))
        #expect(try Self.reasons(Self.compared(own: [",,a,110,,,0,8"], answers))[0] == DifferenceReasons.none)
    }

    @Test("A changed subject secret counts visitors twice, in the time that it lies in")
    func epoch() throws {
        let sentence =
            "The subject secret was changed at 2026-06-15 10:00 UTC: who came before and after counts twice here."
        let within = Self.compared(own: [",,a,110,,,0,8"]) { $0.epochs = "\"2026-06-15T10:00:00.000Z\"" }
        #expect(try Self.reasons(within)[0] == sentence)
        let outside = Self.compared(own: [",,a,110,,,0,8"]) { $0.epochs = "\"2026-07-15T10:00:00.000Z\"" }
        #expect(try Self.reasons(outside)[0] == DifferenceReasons.none)
    }

    @Test("Days that begin by another clock are told, by their start or by what they move")
    func clocks() throws {
        let own = ["01", "02", "03"].map { ",,a,100,2026-06-\($0)T00:00:00Z,1 day,0,0" }
        let moved = zip(["01", "02", "03"], [140, 60, 100]).map { ",,a,\($1),2026-06-\($0),1 day,0,0" }
        let reasons = try Self.reasons(Self.compared(moved, own: own))
        #expect(reasons.map { $0.contains("What some days have more others have less") } == [true, true, false])
        let growing = zip(["01", "02", "03"], [140, 90, 120]).map { ",,a,\($1),2026-06-\($0),1 day,0,0" }
        #expect(try Self.reasons(Self.compared(growing, own: own)).allSatisfy { !$0.contains("What some days") })
        for (few, all) in [(9, 50), (14, 100)] {
            let same = ["01", "02", "03"].map { ",,a,\(all),2026-06-\($0)T00:00:00Z,1 day,0,0" }
            let chance = zip(["01", "02", "03"], [all + few, all - few, all]).map {
                ",,a,\($1),2026-06-\($0),1 day,0,0"
            }
            #expect(try Self.reasons(Self.compared(chance, own: same)).allSatisfy { !$0.contains("What some days") })
        }
        let shifted = zip(["05-31", "06-01", "06-02"], [140, 60, 100]).map {
            ",,a,\($1),2026-\($0)T22:00:00Z,1 day,0,0"
        }
        let clock = try Self.reasons(Self.compared(shifted, own: own))
        #expect(clock[0].hasPrefix("The file's days begin at 22:00 by the clock of UTC, and those here at 00:00"))
    }

    @Test("Another version in the file's name is told where both are numbers")
    func version() throws {
        let named = { (name: String) in
            Self.compared(own: [",,a,110,,,0,8"]) {
                $0.fileName = name
                $0.otherRule = "rule-21"
            }
        }
        let sentence =
            "The file's name says version 21, and this is rule-22: they may be two versions of the rule; rule-21 has records here as well."
        #expect(try Self.reasons(named("t-html-article-21-all-time.csv"))[0] == sentence)
        #expect(try Self.reasons(named("t-html-article-22-all-time.csv"))[0] == DifferenceReasons.none)
        #expect(try Self.reasons(named("article.csv"))[0] == DifferenceReasons.none)
    }

    @Test("A hidden outcome, and a declared one that has no records, are matched and told")
    func states() throws {
        let zephr = ["T,P,Transformation:Wall,9,,,0,0", ",,h,9,,,0,0"]
        let compared = Self.compared(zephr, own: [",,a,1,,,0,0"]) {
            $0.more = """
                "unseenOutcomes": [{"outcomeId": "u", "outcomeTab": "T", "outcomePath": "P"}], "hiddenOutcomes": [{"outcomeId": "h"}],
                """
        }
        let comparison = try compared.comparison()
        #expect(comparison.outcomes.map(\.outcomeId) == ["u", "h", "a"])
        #expect(comparison.outcomes.map(\.matchedBy) == [.outcomePath, .outcomeId, nil])
        #expect(comparison.outcomes.map { $0.counts[0].here } == [0, nil, 1])
        let reasons = try Self.reasons(compared)
        #expect(reasons[0].contains("u is declared in rules.yaml, and nothing is recorded under it."))
        #expect(reasons[1] == "h is hidden here (rule-outcomes hide), and so left out.")
    }

    @Test("Rows that are added up are told, where the file has more for it")
    func added() throws {
        let zephr = ["A,P,a,60,,,0,4", "B,Q,a,50,,,0,4"]
        let reasons = try Self.reasons(Self.compared(zephr, own: [",,a,100,,,0,8"]))
        #expect(reasons[0].contains("The file has a 2 times, on several tabs or paths, and these are added up"))
        #expect(reasons[1].isEmpty)
    }

    @Test("Why an outcome is in the file alone is told in words for what to do")
    func failures() throws {
        let twice = Self.compared([",,T:Form,1,,,0,0"], own: [",,a,1,,,0,0", ",,b,1,,,0,0"]) {
            $0.details = ["a", "b"].reduce(into: [:]) { details, id in
                details[id] = Self.exposed(id).replacing("\"exposed\"", with: "\"outcomeName\": \"Form\", \"exposed\"")
            }
        }
        #expect(
            try Self.reasons(twice)[0]
                == "T:Form could be Form (a) or Form (b), by its name: declare `tab` and `path` of each in rules.yaml.")
        let form = { (place: String) in
            [
                "a": Self.exposed("a").replacing(
                    "\"exposed\"", with: "\"outcomeName\": \"Form\", \(place)\"exposed\"")
            ]
        }
        let taken = Self.compared([",,a,1,,,0,0", ",,T:Form,1,,,0,0"], own: [",,a,1,,,0,0"]) { $0.details = form("") }
        #expect(
            try Self.reasons(taken).last
                == "T:Form could be Form by its name, and another row is that by its outcomeId: if it is another outcome, declare the "
                + "`tab` and `path` of that one in rules.yaml.")
        let elsewhere = Self.compared(["X,,T:Form,1,,,0,0"], own: [",,a,1,,,0,0"]) {
            $0.details = form("\"outcomeTab\": \"Y\", ")
        }
        #expect(
            try Self.reasons(elsewhere)[0].hasSuffix(
                "than the file has: if it is that one, copy them from the file into rules.yaml."))
        let rivals = Self.compared(["X,,T:Form,1,,,0,0", "Y,,T:Form,1,,,0,0"], own: [",,a,1,,,0,0"]) {
            $0.details = form("")
        }
        #expect(
            try Self.reasons(rivals)[0]
                == "T:Form could be Form by its name, and so could another of the file: declare `tab` and `path` of Form in rules.yaml."
        )
        let near = try Self.reasons(Self.compared([",,graph/1#2,1,,,0,0"], own: [",,graph/1#3,1,,,0,0"]))
        #expect(near[0].hasSuffix(" The nearest is graph/1#3."), "\(near[0])")
        let refused = try Self.reasons(
            Self.compared([",,x-outcome,1,,,0,0"], own: [",,a,1,,,0,0"]) {
                $0.answers = [(nil, "exposures", 403, "origin", 5)]
            })
        #expect(
            refused[0].contains("The site refused requests in this time, 5 in all,")
                && refused[0].hasSuffix("403 origin 5."))
    }

    @Test("The nearest is told of the first twenty that are unknown")
    func nearest() throws {
        let rows = (10..<40).map { ",,graph/1#x\($0),1,,,0,0" }
        let reasons = try Self.reasons(Self.compared(rows, own: [",,graph/1#x5,1,,,0,0"]))
        #expect(reasons.count { $0.contains(" The nearest is graph/1#x5.") } == 20)
    }

    @Test("Long ids are cut in sentences")
    func long() throws {
        let id = String(repeating: "x", count: 1000)
        let reasons = try Self.reasons(Self.compared([",,\(id),1,,,0,0"], own: [",,a,1,,,0,0"]))
        #expect(reasons[0].count < 400)
    }
}
