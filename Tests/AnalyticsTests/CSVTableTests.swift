import Analytics
import Testing

@Suite("CSV")
struct CSVTableTests {
    @Test("a table is its header and its rows, each ended by CRLF, the last one too")
    func rows() {
        var table = CSVTable(header: ["name", "count"])
        table.append([.text("a"), .number(1)])
        table.append([.text(""), .number(-2)])
        #expect(table.text == "name,count\r\na,1\r\n,-2\r\n")
    }

    @Test("a table without rows is its header")
    func empty() {
        #expect(CSVTable(header: ["name", "count"]).text == "name,count\r\n")
    }

    @Test(
        "cells are quoted where RFC 4180 wants it, and nowhere else",
        arguments: [
            ("plain", "plain"), ("two words", "two words"), (" blanks ", " blanks "), ("it's", "it's"), ("a;b", "a;b"),
            ("graph/1#1,graph/1#2", "\"graph/1#1,graph/1#2\""), ("\"", "\"\"\"\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""), ("a\r\nb", "\"a\r\nb\""), ("a\n", "\"a\n\""),
            ("\r\n", "\"'\r\n\""), ("é,\u{301}\"", "\"é,\u{301}\"\"\""), ("\"\u{301}", "\"\"\"\u{301}\""),
            ("naïve 数", "naïve 数"),
        ])
    func quoting(text: String, cell: String) {
        #expect(bytes(of: .text(text)) == Array(cell.utf8))
    }

    @Test(
        "text that a spreadsheet would take for a formula gets a quote mark in front",
        arguments: [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM", "'@SUM"), ("\tx", "'\tx"), ("\rx", "\"'\rx\""),
            ("=\"a\",b", "\"'=\"\"a\"\",b\""), ("=", "'="), ("=\u{301}x", "'=\u{301}x"), ("-5", "'-5"),
        ])
    func guarded(text: String, cell: String) {
        #expect(bytes(of: .text(text)) == Array(cell.utf8))
    }

    @Test(
        "text that holds such a sign further on is left alone",
        arguments: ["a=b", " =1", "'=1", "1-1", "", "\u{FF1D}1"])
    func notGuarded(text: String) {
        #expect(bytes(of: .text(text)) == Array(text.utf8))
    }

    @Test("numbers are never guarded", arguments: [(0, "0"), (-1, "-1"), (Int.min, "-9223372036854775808")])
    func numbers(number: Int, cell: String) {
        #expect(bytes(of: .number(number)) == Array(cell.utf8))
    }

    @Test("the header's cells are text like any other")
    func header() {
        #expect(CSVTable(header: ["a,b", "=c"]).text == "\"a,b\",'=c\r\n")
    }

    /// What the cell becomes, its row's end apart.
    private func bytes(of cell: CSVTable.Cell) -> [UInt8] {
        var table = CSVTable(header: [])
        table.append([cell])
        return Array(table.text.utf8.dropFirst(2).dropLast(2))
    }
}
