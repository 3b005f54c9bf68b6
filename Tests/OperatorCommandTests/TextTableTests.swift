import Analytics
import Testing

@testable import OperatorCommand

@Suite struct TextTableTests {
    @Test("Columns are aligned, numbers to the right, and no line ends in spaces")
    func alignment() {
        let table = table([["graph/1#1", "7", "x"], ["graph/1#1,graph/2#1", "1200", ""]])
        #expect(
            table.text() == """
                outcome              subjects  note
                graph/1#1                   7  x
                graph/1#1,graph/2#1      1200

                """)
    }

    @Test("A table without rows is its header")
    func empty() {
        #expect(table([]).text() == "outcome  subjects  note\n")
    }

    @Test("Long cells are shortened in the middle, down to the width of the terminal and no further")
    func narrow() {
        let table = table([["graph/1#1,graph/1#2,graph/2#1", "12", "x"]])
        #expect(
            table.text(columnsMax: 32) == """
                outcome           subjects  note
                graph/1#…aph/2#1        12  x

                """)
        #expect(table.text(columnsMax: 200) == table.text())
    }

    @Test("A column keeps eight columns, however narrow the terminal is, and numbers are never shortened")
    func narrowest() {
        let table = table([["graph/1#1,graph/1#2", "1234567890123", "a note"]])
        #expect(
            table.text(columnsMax: 10) == """
                outcome        subjects
                grap…1#2  1234567890123

                outcome   note
                grap…1#2  a note

                """)
    }

    @Test("Titles go on in a second line before cells are shortened")
    func titles() {
        var table = TextTable(columns: [.init("outcome", .left, .shortened), .init("failed reloads", .right)])
        table.append(["graph/1#1,graph/1#2", "3"])
        #expect(
            table.text(columnsMax: 28) == """
                                      failed
                outcome              reloads
                graph/1#1,graph/1#2        3

                """)
    }

    @Test("Sentences go on in further lines")
    func sentences() {
        var table = TextTable(columns: [.init("outcome", .left, .shortened), .init("verdict", .left, .wrapped)])
        table.append(["graph/1#1", "no difference shown yet: too few conversions"])
        table.append(["graph/1#2", "baseline"])
        #expect(
            table.text(columnsMax: 34) == """
                outcome    verdict
                graph/1#1  no difference shown
                           yet: too few
                           conversions
                graph/1#2  baseline

                """)
        #expect(table.text().contains("  no difference shown yet: too few conversions\n"))
    }

    @Test("Cells that differ are shown as different, and what has no room then stands in a table of its own")
    func split() {
        var table = TextTable(columns: [
            .init("outcome", .left, .shortened), .init("exposed", .right),
            .init("conversion", .left, .shortened, isKey: true), .init("events", .right),
        ])
        table.append(["graph/1#1,graph/1#2,graph/2#1", "1", "CUSTOMER", "2"])
        table.append(["graph/1#1,graph/1#3,graph/2#1", "3", "CUSTOMER", "4"])
        // Shortened to fewer columns than 23 they would look the same.
        #expect(
            table.text(columnsMax: 48) == """
                outcome                      exposed  conversion
                graph/1#1,gra…1#2,graph/2#1        1  CUSTOMER
                graph/1#1,gra…1#3,graph/2#1        3  CUSTOMER

                outcome                      conversion  events
                graph/1#1,gra…1#2,graph/2#1  CUSTOMER         2
                graph/1#1,gra…1#3,graph/2#1  CUSTOMER         4

                """)
    }

    @Test("No line is wider than the terminal, whatever is in the status", arguments: 60...130)
    func status(columnsMax: Int) {
        for table in Self.statusTables {
            let lines = table.text(columnsMax: columnsMax).split(separator: "\n")
            #expect(lines.allSatisfy { String($0).columns <= columnsMax }, "\(lines.joined(separator: "\n"))")
        }
    }

    private static var statusTables: [TextTable] {
        var report = StatusReport()
        report.clockDoubtMilliseconds = 315_619_200_000
        report.records = 1_234_567_890_123
        var responder = StatusReport.Responder()
        responder.processId = 4_194_303
        responder.recordsInFlight = 65_536
        responder.connections = 65_536
        responder.reloads = 1_000_000
        responder.reloadsFailed = 1_000_000
        responder.clockDifferenceMilliseconds = -315_619_200_000
        var use = StatusReport.Dimensions()
        use.site = String(repeating: "magazine.", count: 7)
        use.rules = 1_000_000
        use.outcomesOfFullestRule = 1_000_000
        report.limits.rulesPerSite = 1_000_000
        report.limits.outcomesPerRule = 1_000_000
        var answers = StatusReport.Answers()
        answers.site = use.site
        answers.door = "conversions"
        answers.status = 503
        answers.reason = "excluded:" + String(repeating: "reason", count: 10)
        answers.count = 1_234_567_890
        var mistakes = StatusReport.Mistakes()
        mistakes.site = use.site
        mistakes.field = "conversion"
        mistakes.mistake = "undefined"
        mistakes.count = 1_234_567_890
        return [
            TextTable(report), TextTable([responder]), TextTable([use], of: report.limits), TextTable([answers]),
            TextTable([mistakes]),
        ]
    }

    @Test("What a terminal would obey is written out")
    func hostile() {
        let table = table([["a\u{1B}[2Jb\nc\u{202E}d\u{9B}", "1", "é"]])
        #expect(table.text().contains("a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{9b}"))
        #expect(table.text().utf8.allSatisfy { $0 >= 0x20 || $0 == UInt8(ascii: "\n") })
    }

    @Test("Wide characters take two columns")
    func wide() {
        let table = table([["規則", "1", "x"], ["abcd", "1", "x"]])
        let lines = table.text().split(separator: "\n")
        #expect(lines[1] == "規則            1  x")
        #expect(lines[2] == "abcd            1  x")
    }

    private func table(_ rows: [[String]]) -> TextTable {
        var table = TextTable(columns: [.init("outcome", .left, .shortened), .init("subjects", .right), .init("note")])
        for row in rows { table.append(row) }
        return table
    }
}

@Suite struct TerminalTextTests {
    @Test(
        "A text is shortened to exactly the columns there are, when it does not fit",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 5, "ab…ef"), ("abcdef", 4, "ab…f"), ("abcdef", 1, "…"),
            ("abcdef", 0, ""), ("規則規則", 5, "規…則"), ("規則規則", 4, "規…"),
        ])
    func shortened(text: String, columnsMax: Int, expected: String) {
        #expect(text.shortened(columnsMax: columnsMax) == expected)
        #expect(text.shortened(columnsMax: columnsMax).columns <= columnsMax)
    }

    @Test(
        "A text goes on in further lines at its spaces, and within a word that is longer than a line",
        arguments: [
            ("to be or not", 12, ["to be or not"]), ("to be or not", 8, ["to be or", "not"]),
            ("to be or not", 2, ["to", "be", "or", "no", "t"]), ("a bcdefgh i", 4, ["a", "bcde", "fgh", "i"]),
            ("規則規則", 3, ["規", "則", "規", "則"]), ("規則", 1, ["規", "則"]), ("", 5, [""]), ("abc", 0, ["abc"]),
        ])
    func wrapped(text: String, columnsMax: Int, expected: [String]) {
        #expect(text.wrapped(columnsMax: columnsMax) == expected)
    }

    @Test("Text without anything to obey is left as it is", arguments: ["graph/1#1,graph/2#1", "é ü \\ \"", "規則 🙂"])
    func harmless(text: String) {
        #expect(text.escapedForTerminal == text)
    }
}

@Suite struct ProgressBarTests {
    @Test("The line says how much is done, of how much, and how fast")
    func line() {
        let line = ProgressBar(total: 200).line(done: 50, seconds: 2, columnsMax: 80)
        #expect(line == "[##########..............................]  25 %  50/200  25/s")
    }

    @Test("It fits, however narrow the terminal is", arguments: Array(0...80))
    func narrow(columnsMax: Int) {
        for done in [0, 1, 199, 200] {
            #expect(ProgressBar(total: 200).line(done: done, seconds: 0.5, columnsMax: columnsMax).count <= columnsMax)
        }
    }

    @Test("Nothing is divided by no time")
    func start() {
        #expect(ProgressBar(total: 1).line(done: 0, seconds: 0, columnsMax: 20) == "[...]  0 %  0/1  0/s")
    }
}
