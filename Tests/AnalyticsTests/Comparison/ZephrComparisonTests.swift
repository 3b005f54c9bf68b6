import FoundationEssentials
import Testing

@testable import Analytics

@Suite("An export of Zephr's beside what is counted here")
struct ZephrComparisonTests {
    @Test("What is the same on both sides is equal everywhere, and needs no reason")
    func equal() throws {
        let rows = [",,a,10,,,3,0", ",,b,20,,,0,4"]
        let comparison = try Compared(zephr: rows, own: rows).comparison()
        #expect(comparison.differences == 0 && comparison.reasons.isEmpty)
        #expect(comparison.outcomes.map(\.matchedBy) == [.outcomeId, .outcomeId])
        #expect(
            comparison.outcomes[0].counts.map(\.zephr) == [10, 3]
                && comparison.outcomes[0].counts.map(\.ratio) == [1, 1])
        #expect(comparison.sums.map(\.count.zephr) == [30, 3, 4] && comparison.sums.map(\.count.here) == [30, 3, 4])
    }

    @Test("A difference is here less Zephr's, a ratio here by Zephr's")
    func signs() throws {
        let comparison = try Compared(zephr: [",,a,100,,,0,8"], own: [",,a,80,,,0,10"]).comparison()
        let counts = comparison.outcomes[0].counts
        #expect(counts.map(\.difference) == [-20, 2] && counts.map(\.ratio) == [0.8, 1.25])
        #expect(comparison.differences == 2)
        let none = try Compared(zephr: [",,a,0,,,0,0"], own: [",,a,5,,,0,0"]).comparison().outcomes[0].counts
        #expect(none.map(\.difference) == [5] && none.map(\.ratio) == [nil])
    }

    @Test("What is on one side alone has rows of its own, and what is not known there is not 0")
    func alone() throws {
        let comparison = try Compared(zephr: [",P,Transformation:Wall,9,,,1,0"], own: [",,b,5,,,0,2"]).comparison()
        #expect(comparison.outcomes.map(\.title) == ["Transformation:Wall", "b"])
        #expect(
            comparison.outcomes.map(\.isInFile) == [true, false] && comparison.outcomes.map(\.isHere) == [false, true])
        #expect(
            comparison.outcomes[0].counts.map(\.here) == [nil, nil]
                && comparison.outcomes[1].counts.map(\.zephr) == [nil, nil])
        #expect(comparison.outcomes.flatMap(\.counts).allSatisfy { $0.difference == nil && $0.reasons.isEmpty })
        let reasons = comparison.outcomes.map { $0.reasons.map { comparison.reasons[$0] } }
        #expect(reasons[0].first?.hasPrefix("No outcome here has the id, path or name of Transformation:Wall") == true)
        #expect(reasons[1] == ["No row of the file is b by its id, path, tab or name."])
        #expect(comparison.sums.map(\.count.difference) == [-4, -1, 2].map { $0 })
    }

    @Test("Days are compared one by one, and one without a row had no traffic")
    func days() throws {
        let zephr = [",,a,4,2026-11-03,1 day,1,0", ",,a,6,2026-11-05T00:00:00Z,1 day,0,0"]
        let own = [
            ",,a,4,2026-11-03T00:00:00Z,1 day,1,0", ",,a,2,2026-11-04T00:00:00Z,1 day,0,0",
            ",,a,6,2026-11-05T00:00:00Z,1 day,0,0",
        ]
        let comparison = try Compared(zephr: zephr, own: own, from: "2026-11-03", to: "2026-11-05").comparison()
        let totals = comparison.outcomes[0].counts.filter { $0.figure == .total }
        #expect(totals.map(\.day) == ["2026-11-03", "2026-11-04", "2026-11-05"])
        #expect(totals.map(\.zephr) == [4, 0, 6] && totals.map(\.here) == [4, 2, 6])
        #expect(comparison.differences == 1)
        #expect(
            comparison.sums.map(\.outcome) == ["a", "a", nil, nil]
                && comparison.sums.map(\.count.zephr) == [10, 1, 10, 1])
        let part = try Compared(zephr: zephr, own: own, from: "2026-11-05", to: "2026-11-05").comparison()
        #expect(part.outcomes[0].counts.map(\.day) == ["2026-11-05"])
        #expect(part.notes.contains("1 row of the file is of days that are not asked for"))
    }

    @Test("Conversions are the same in another letter case, where that is unambiguous")
    func conversions() throws {
        let zephr = Compared.file([",,a,1,,,5,6"], conversions: ["registered", "Other"])
        let one = try Compared(zephrText: zephr, own: [",,a,1,,,5,0"], conversions: ["REGISTERED", "CUSTOMER"])
            .comparison()
        #expect(one.outcomes[0].counts.map(\.conversion) == [nil, "REGISTERED", "Other"])
        #expect(one.outcomes[0].counts.map(\.here) == [1, 5, 0])
        let two = try Compared(zephrText: zephr, own: [",,a,1,,,5,6"], conversions: ["REGISTERED", "Registered"])
            .comparison()
        #expect(two.outcomes[0].counts.map(\.zephr) == [1, 5, 6, nil, nil])
    }

    @Test("Rows of the same outcome and time are added up, and that is told")
    func repeated() throws {
        let comparison = try Compared(
            zephr: [",,a,1,,,1,0", ",,b,2,,,0,0", ",,a,3,,,1,0"], own: [",,a,4,,,2,0", ",,b,2,,,0,0"]
        )
        .comparison()
        #expect(comparison.differences == 0)
        #expect(
            comparison.notes.contains {
                $0.hasPrefix("1 row has the outcome and time of another, the first in line 4,")
            })
    }

    @Test("The table has a row for each count, and says what each outcome was matched by")
    func table() throws {
        let comparison = try Compared(zephr: ["T,P,a,100,,,0,8", ",,x,1,,,0,0"], own: [",,a,80,,,0,10"]).comparison()
        let lines = comparison.table.csv.split(separator: "\r\n").map(String.init)
        #expect(lines.count == 1 + 3 && lines[1].hasPrefix("site,rule-22,a,,T,P,a,outcomeId,total,,,100,80,-20,0.8,"))
        #expect(lines[2].hasPrefix("site,rule-22,a,,T,P,a,outcomeId,conversion,CUSTOMER,,8,10,2,1.25,"))
        #expect(lines[3].contains(",only in the file,total,,,1,,,,"))
        #expect(lines[1].hasSuffix(",UTC,export.csv"))
    }

    @Test("Outcomes of one title are told apart")
    func titles() throws {
        let comparison = try Compared(
            zephr: ["A,,x,1,,,0,0", "B,,x,2,,,0,0", "B,Q,x,3,,,0,0", "B,R,x,3,,,0,0"], own: [",,a,1,,,0,0"]
        )
        .comparison()
        #expect(comparison.outcomes.map(\.title) == ["x", "x · B", "x · B · Q", "x · B · R", "a"])
    }

    @Test("It survives JSON")
    func json() throws {
        let comparison = try Compared(zephr: [",,a,100,,,0,8", ",,x,1,,,0,0"], own: [",,a,80,,,0,10"]).comparison()
        let data = try JSONEncoder().encode(comparison)
        #expect(try JSONDecoder().decode(ZephrComparison.self, from: data) == comparison)
    }
}

/// A comparison of rule version `rule-22` of a site, and what the aggregator knows of it.
struct Compared {
    var zephrText: String
    var own: [String]
    var conversions = ["REGISTERED", "CUSTOMER"]
    var from: String?
    var to: String?
    var timeZone: String?
    var fileName = "export.csv"
    var asOf = "2026-12-01T09:30:00.000Z"
    var firstEvent = "2026-01-01T00:00:00.000Z"
    var otherRule = "rule"
    /// Of the outcomes that have rows here, in JSON, by id; what is left out follows from the rows.
    var details: [String: String] = [:]
    /// Further members of the report, in JSON.
    var more = ""
    var epochs = ""
    var answers: [(outcome: String?, door: String, status: Int, reason: String, count: Int)] = []

    init(
        zephr: [String], own: [String], from: String? = nil, to: String? = nil,
        conversions: [String] = ["REGISTERED", "CUSTOMER"]
    ) {
        self.init(
            zephrText: Self.file(zephr, conversions: conversions), own: own, conversions: conversions, from: from,
            to: to)
    }

    init(zephrText: String, own: [String], conversions: [String], from: String? = nil, to: String? = nil) {
        self.zephrText = zephrText
        self.own = own
        self.conversions = conversions
        self.from = from
        self.to = to
    }

    static func file(_ rows: [String], conversions: [String]) -> String {
        let header =
            ["tab,outcomePath,outcomeId,total,bucketStart,bucketInterval"] + conversions.map { "conversion: \($0)" }
        return ([header.joined(separator: ",")] + rows).map { $0 + "\r\n" }.joined()
    }

    func comparison() throws -> ZephrComparison {
        let ours = try ZephrFile(Array(Self.file(own, conversions: conversions).utf8))
        let ids = Set(ours.rows.map(\.outcome.id)).sorted().map(\.text)
        let outcomes = ids.map { id in
            details[id] ?? """
                {"outcomeId": "\(id)", "exposed": 1, "exposures": 1, "verdict": {"word": "cannot be compared"}, "conversions": []}
                """
        }
        let report = """
            {"site": "site", "ruleId": "rule-22", "asOf": "\(asOf)", "epochs": [\(epochs)], "notes": [], "windowDays": 7, \(more)
            "basis": "cohort", "timeZone": "UTC", "groups": [], "outcomes": [\(outcomes.joined(separator: ","))]}
            """
        let rules = ["rule-22", otherRule].map { id in
            """
            {"ruleId": "\(id)", "firstEvent": "\(firstEvent)", "lastEvent": "\(asOf)", "exposures": 1, "conversions": 1, "outcomes": 1}
            """
        }
        let all = answers.map { answer in
            let outcome = answer.outcome.map { "\"outcomeId\": \"\($0)\"," } ?? ""
            return """
                {\(outcome) "door": "\(answer.door)", "status": \(answer.status), "reason": "\(answer.reason)", "count": \(answer.count)}
                """
        }
        let answersReport = """
            {"site": "site", "timeZone": "UTC", "buckets": [{"start": "x", "end": "y", "answers": [\(all.joined(separator: ","))]}]}
            """
        let evidence = ComparisonEvidence(
            report: try Self.decoded(report),
            rules: try Self.decoded(
                "{\"site\": \"site\", \"asOf\": \"2026-11-03T00:00:00.000Z\", \"unseen\": [], \"rules\": [\(rules.joined(separator: ","))]}"
            ),
            answers: try Self.decoded(answersReport), siteAnswers: try Self.decoded(answersReport))
        return ZephrComparison(
            try ZephrFile(Array(zephrText.utf8)), named: ZephrFileName(fileName), beside: ours,
            of: try ReportPeriod(from: from, to: to, timeZone: timeZone), evidence)
    }

    private static func decoded<Value: Decodable>(_ json: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }
}
