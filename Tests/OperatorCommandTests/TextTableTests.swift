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
