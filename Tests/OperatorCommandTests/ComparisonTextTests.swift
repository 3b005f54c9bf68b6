import Analytics
import FoundationEssentials
import Testing

@testable import OperatorCommand

@Suite("A comparison for people")
struct ComparisonTextTests {
    private static func comparison(title: String = "a", file: String = "export.csv", day: String? = nil) throws
        -> ZephrComparison
    {
        let day = day.map { "\"day\": \"\($0)\"," } ?? ""
        let count = """
            {"figure": "total", \(day) "zephr": 10, "here": 8, "difference": -2, "ratio": 0.8, "reasons": [1]},
            {"figure": "conversion", \(day) "conversion": \(try json(title)), "zephr": 3, "here": 4, "difference": 1, "ratio": 1.3333, "reasons": [1, 0]}
            """
        let text = """
            {"site": "s", "ruleId": \(try json(title)), "file": \(try json(file)), "variant": "\(day.isEmpty ? "total" : "daily")",
            "timeZone": "UTC", "outcomes": [{"title": \(try json(title)), "outcomeId": \(try json(title)), "places": [{"tab": \(try json(title)),
            "outcomePath": "p", "outcomeId": \(try json(title))}], "matchedBy": "outcomeId", "reasons": [], "counts": [\(count)]}],
            "sums": [{"count": {"figure": "total", "zephr": 10, "here": 8, "difference": -2, "ratio": 0.8, "reasons": []}}],
            "reasons": [\(try json("One \(title).")), "Two."], "notes": [\(try json("Note \(title)"))]}
            """
        return try JSONDecoder().decode(ZephrComparison.self, from: Data(text.utf8))
    }

    private static func json(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test("It has what is which, the counts, the sums and the reasons by number")
    func whole() throws {
        #expect(
            ComparisonText(try Self.comparison()).text(columnsMax: nil) == """
                export.csv beside rule version a of site s: visitors by their first exposure, of all time

                outcome  in the file  matched by  why
                a        a            outcomeId

                outcome  visitors  Zephr  here  difference  ratio  why
                a        total        10     8          -2  0.800  2
                a        a             3     4          +1  1.333  2, 1

                sum           visitors  Zephr  here  difference  ratio
                all outcomes  total        10     8          -2  0.800

                2 counts differ, or are known on one side alone:

                1. One a.
                2. Two.

                Note a.

                """)
    }

    @Test("Days stand in a column of their own")
    func days() throws {
        let text = ComparisonText(try Self.comparison(day: "2026-11-01")).text(columnsMax: nil)
        #expect(text.contains("\na        total     2026-11-01     10     8          -2  0.800  2\n"), "\(text)")
        #expect(text.contains("days of UTC"))
    }

    @Test("Nothing from the file reaches a terminal as it is", arguments: [nil, 60])
    func hostile(columns: Int?) throws {
        let hostile = "x\u{1B}[2J\ny\u{202E}z\u{9B}\u{2066}\u{7}"
        let text = ComparisonText(try Self.comparison(title: hostile, file: hostile)).text(columnsMax: columns)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!text.unicodeScalars.contains { [0x9B, 0x202E, 0x2066].contains($0.value) })
        #expect(!text.contains("\ny"))
        #expect(text.contains("\\u{1b}[2J\\u{a}y\\u{202e}z"), "\(text)")
    }

    @Test("It fits terminals", arguments: [60, 80])
    func fits(columns: Int) throws {
        let text = ComparisonText(
            try Self.comparison(title: String(repeating: "graph/1#2,", count: 20), day: "2026-11-01")
        )
        .text(columnsMax: columns)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= columns }, "\(text)")
    }
}
