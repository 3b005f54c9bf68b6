import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("compare")
    struct ComparisonTests {
        /// A deployment that has counted visitors of `rule-1`.
        private static func counting() async throws -> Deployment {
            let deployment = try Deployment()
            try await deployment.start()
            let simulation = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--rule", "rule-1", "--visitors", "60",
                "--seed", "1")
            #expect(simulation.status == 0, "\(simulation.text)")
            return deployment
        }

        private static let files = [("zephr", "site-rule-1-all-time.csv"), ("zephr-daily", "site-rule-1-daily.csv")]

        @Test(
            "our own export is equal to us everywhere; another one is different, with a reason, and the status is 0 all the same"
        )
        func compare() async throws {
            let deployment = try await Self.counting()
            for (format, name) in Self.files {
                let export = try await deployment.run("report", "rule-1", "--format", format).text
                try deployment.write(export, to: name)
                let same = try await deployment.run("compare", deployment.path(name), "--rule", "rule-1")
                #expect(same.status == 0 && same.text.hasSuffix("\nAll counts are equal.\n"), "\(same.text)")
                #expect(same.text.contains(/\nall outcomes +total/), "\(same.text)")
                // What Zephr has no column for.
                let less = export.replacing("conversion: CUSTOMER", with: "conversion: SUBSCRIBED")
                #expect(less != export)
                try deployment.write(less, to: name)
                let other = try await deployment.run("compare", deployment.path(name), "--rule", "rule-1")
                #expect(other.status == 0, "\(other.text)")
                #expect(other.text.contains("The file has no column for CUSTOMER"), "\(other.text)")
            }
        }

        @Test("csv and json have the same counts, and a file from a spreadsheet is read as well")
        func forms() async throws {
            let deployment = try await Self.counting()
            let export = try await deployment.run("report", "rule-1", "--format", "zephr").text
            // Outcome ids of a simulation hold commas, so each stands in quotes.
            let tabs = export.split(separator: "\r\n").map { line in
                line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().map { index, part in
                    index.isMultiple(of: 2) ? part.replacing(",", with: "\t") : "\"\(part)\""
                }.joined()
            }
            try deployment.write("\u{FEFF}" + tabs.joined(separator: "\n"), to: "x.csv")
            let csv = try await deployment.run(
                "compare", deployment.path("x.csv"), "--rule", "rule-1", "--format", "csv")
            #expect(csv.status == 0 && csv.text.hasPrefix("site,rule,outcome,outcomeName,tab,"), "\(csv.text)")
            let json = try await deployment.run(
                "compare", deployment.path("x.csv"), "--rule", "rule-1", "--format", "json")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any])
            let outcomes = try #require(object["outcomes"] as? [[String: Any]])
            let counts = outcomes.flatMap { $0["counts"] as? [[String: Any]] ?? [] }
            #expect(counts.count == csv.text.split(separator: "\r\n").count - 1 && counts.count >= 4)
            #expect(counts.allSatisfy { $0["difference"] as? Int == 0 })
        }

        @Test("what cannot be compared is told, and the status says what is wrong")
        func failures() async throws {
            let deployment = try Deployment()
            try deployment.write("tab;outcomePath\n1\n", to: "short.csv")
            let header = "tab,outcomePath,outcomeId,total,bucketStart,bucketInterval\n"
            try deployment.write(header + ",,\u{1B}]0;x\u{7},1x,,\n", to: "number.csv")
            try deployment.write(header + ",,a,1,,\n", to: "fine.csv")
            for (name, status, message) in [
                ("short.csv", 65, "short.csv:2:1: the row has another number of cells, 1, than the first one, 2"),
                (
                    "number.csv", 65,
                    "number.csv:2:10: total has to be a whole number from 0 to 10000000000, in digits alone, such as 1234, not `1x`"
                ),
                ("none.csv", 65, "none.csv does not exist"), ("fine.csv", 69, "is rule-outcomes-aggregator running?"),
            ] as [(String, Int32, String)] {
                let result = try await deployment.run("compare", deployment.path(name), "--rule", "rule-1")
                #expect(result.status == status && result.text.contains(message), "\(result.text)")
            }
            try await deployment.startAggregator()
            let noRule = try await deployment.run("compare", deployment.path("fine.csv"), "--rule", "rule-1")
            #expect(
                noRule.status == 65 && noRule.text.contains("has no records of rule version 'rule-1'"), "\(noRule.text)"
            )
            let zone = try await deployment.run(
                "compare", deployment.path("fine.csv"), "--rule", "rule-1", "--time-zone", "Nowhere")
            #expect(zone.status == 65 && zone.text.contains("There is no time zone 'Nowhere'"), "\(zone.text)")
            let mistake = try await deployment.run("compare", deployment.path("fine.csv"))
            #expect(mistake.status == 64, "\(mistake.text)")
        }
    }
}
