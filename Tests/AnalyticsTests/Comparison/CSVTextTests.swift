import Testing

@testable import Analytics

@Suite("CSV as it is read")
struct CSVTextTests {
    private static func read(_ text: String) throws(CSVFault) -> CSVText {
        try read(Array(text.utf8))
    }

    private static func read(_ bytes: [UInt8]) throws(CSVFault) -> CSVText {
        try CSVText(bytes) { ["tab", "total"].contains($0) }
    }

    private static func cells(_ text: String) throws(CSVFault) -> [[String]] {
        let csv = try read(text)
        return [csv.header.map(\.text)] + csv.rows.map { $0.cells.map(\.text) }
    }

    private static func fault(_ bytes: [UInt8]) -> String? {
        do throws(CSVFault) {
            _ = try read(bytes)
            return nil
        } catch {
            return error.description
        }
    }

    private static func fault(_ text: String) -> String? { fault(Array(text.utf8)) }

    private static let rows = [
        ["tab", "total"], ["a,b", "1"], ["say \"x\"", ""], ["two\r\nlines", "3"], ["ü", "4"],
    ]

    @Test("Lines end in CRLF or LF, and the last may end without", arguments: ["\r\n", "\n"], [true, false])
    func ends(newline: String, isLastEnded: Bool) throws {
        let lines = ["tab,total", "\"a,b\",1", "\"say \"\"x\"\"\",", "\"two\r\nlines\",3", "ü,4"]
        let text = lines.joined(separator: newline) + (isLastEnded ? newline : "")
        #expect(try Self.cells(text) == Self.rows)
        #expect(try Self.read(text).rows.map(\.line) == [2, 3, 4, 6])
    }

    @Test("A byte order mark is no part of the first name")
    func mark() throws {
        #expect(try Self.cells("\u{FEFF}tab,total\n\u{FEFF}x,1\n") == [["tab", "total"], ["\u{FEFF}x", "1"]])
    }

    @Test("The separator is the one that the known names stand between", arguments: [",", ";", "\t"])
    func separator(separator: String) throws {
        let text = "\"conversion: a,b;c\td\"|tab|total\n1|\"x,y;z\tq\"|3\n".replacing("|", with: separator)
        #expect(try Self.cells(text) == [["conversion: a,b;c\td", "tab", "total"], ["1", "x,y;z\tq", "3"]])
    }

    @Test("A name with a comma needs no quotes between semicolons")
    func foreignSeparator() throws {
        #expect(try Self.cells("conversion: a,b;tab;total\n1;x;2\n")[1] == ["1", "x", "2"])
    }

    @Test("Rows without any text are passed over")
    func blank() throws {
        #expect(try Self.cells("\n,\ntab,total\n\n,\nx,1\n\n") == [["tab", "total"], ["x", "1"]])
        #expect(try Self.cells("\n;\ntab;total\nx;1\n") == [["tab", "total"], ["x", "1"]])
    }

    @Test(
        "What is no CSV is told with line and column, counted in characters",
        arguments: [
            (
                "tab,total\nüx\"y,1\n",
                "line 2, column 3: a quotation mark stands in a cell that does not begin with one"
            ),
            ("tab,total\n\"a\"b,1\n", "line 2, column 4: the cell goes on behind the quotation mark that ends it"),
            (
                "tab,total\na,\"b\nc,d\n",
                "line 2, column 3: the quotation mark that begins this cell has none that ends it"
            ),
            ("tab,total\na,1\nb\n", "line 3, column 1: the row has another number of cells, 1, than the first one, 2"),
            ("tab,total\na,1,2\n", "line 2, column 1: the row has another number of cells, 3, than the first one, 2"),
            ("tab,total\na\rb,1\n", "line 2, column 2: a carriage return has no newline behind it"),
            ("\"tab", "line 1, column 1: the quotation mark that begins this cell has none that ends it"),
            ("", "the file is empty"), ("\n\n", "the file is empty"), ("\u{FEFF}", "the file is empty"),
        ])
    func faults(text: String, message: String) throws {
        let fault = try #require(Self.fault(text))
        #expect(fault.hasPrefix(message), "\(fault)")
    }

    @Test("Another encoding is told as what it is, and what to save it as")
    func encodings() throws {
        let latin = try #require(Self.fault(Array("tab,total\nB".utf8) + [0xFC] + Array("ro,1\n".utf8)))
        #expect(
            latin.hasPrefix("line 2, column 2: the byte 0xFC is not UTF-8") && latin.contains("Latin-1"), "\(latin)")
        for bytes: [UInt8] in [[0xFF, 0xFE, 0x74, 0], [0xFE, 0xFF, 0, 0x74], [0x74, 0, 0x61, 0]] {
            let fault = try #require(Self.fault(bytes))
            #expect(fault.hasPrefix("the file is UTF-16") && fault.contains("CSV UTF-8"), "\(fault)")
        }
        #expect(Self.fault(Array("PK\u{3}\u{4}x".utf8))?.hasPrefix("the file is a workbook") == true)
        #expect(
            Self.fault(Array("tab,total\n".utf8) + [0xE2, 0x82])?.hasPrefix("line 2, column 1: the byte 0xE2") == true)
    }

    @Test("A file that is larger than any export is refused before it is read")
    func bounds() {
        let large = [UInt8](repeating: UInt8(ascii: "x"), count: CSVText.bytesMax + 1)
        #expect(Self.fault(large)?.hasPrefix("the file is over 64 MiB") == true)
        let wide = String(repeating: ",", count: CSVText.columnsMax - 1)
        let fault = Self.fault("tab\(wide)\n" + String(repeating: "x\(wide)\n", count: 400))
        #expect(fault?.hasPrefix("line 401, column 1: the file has more than 2000000 cells") == true, "\(fault ?? "")")
        let wider = Self.fault("tab\(wide),\n")
        #expect(wider?.hasPrefix("line 1, column 5004: the row has more than 5000 cells: ") == true, "\(wider ?? "")")
    }

    @Test(
        "The mark in front of a formula comes off as it was put on",
        arguments: [
            "=1", "+1", "-1", "@x", "\t=x", "'=1", "''-", "it's", "'quoted'", "a;=1", "a;'=1;b", "x\n@y", " =1", "\"=1",
            "'", "", ";", "'a",
            "\r", "a\t-b", "'\t",
        ])
    func guarded(text: String) throws {
        var table = ReportTable(columns: ["tab", "total"])
        table.append([.text(text), .number(1)])
        let row = try #require(try Self.read(table.csv).rows.first)
        #expect(ReportTable.unguarded(row.cells[0].text) == text)
    }

    @Test("What ReportTable writes of any text is read as that text")
    func anyText() throws {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("',\";\t\r\n=+-@ aü")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 1...8, using: &generator)).compactMap { _ in
                    letters.randomElement(using: &generator)
                })
            var table = ReportTable(columns: ["tab", "total"])
            table.append([.text(text), .number(1)])
            let row = try #require(try Self.read(table.csv).rows.first)
            #expect(ReportTable.unguarded(row.cells[0].text) == text, "\(text.debugDescription)")
        }
    }
}
