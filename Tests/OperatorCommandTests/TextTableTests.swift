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
                outcome        subjects  note
                grap…1#2  1234567890123  a note

                """)
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
        var table = TextTable(columns: [.init("outcome", shortens: true), .init("subjects", .right), .init("note")])
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
