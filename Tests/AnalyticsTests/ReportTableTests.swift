import Analytics
import Foundation
import Testing

@Suite("Tables of reports")
struct ReportTableTests {
    @Test("a table is its header and its rows, each ended by CRLF, the last one too")
    func rows() {
        var table = ReportTable(columns: ["name", "count"])
        table.append([.text("a"), .number(1)])
        table.append([.text(""), .number(-2)])
        #expect(table.csv == "name,count\r\na,1\r\n,-2\r\n")
    }

    @Test("a table without rows is its header")
    func empty() {
        #expect(ReportTable(columns: ["name", "count"]).csv == "name,count\r\n")
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
        #expect(ReportTable(columns: ["a,b", "=c"]).csv == "\"a,b\",'=c\r\n")
    }

    @Test("what there is not is an empty cell, and null in JSON")
    func missing() {
        var table = ReportTable(columns: ["a", "b", "c"])
        table.append([.text(nil), .number(nil), .decimal(nil)])
        #expect(table.csv == "a,b,c\r\n,,\r\n")
        #expect(table.ndjson == #"{"a":null,"b":null,"c":null}"# + "\n")
    }

    @Test("as NDJSON each row is an object in one line, its members in the columns' order, and texts are as they are")
    func ndjson() throws {
        var table = ReportTable(columns: ["z", "a", "rate"])
        table.append([.text("=1+1\r\n\"quoted\"\u{2028}graph/1#1,ü"), .number(-3), .decimal(0.125)])
        table.append([.text(""), .number(0), .decimal(1)])
        let lines = table.ndjson.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[2].isEmpty)
        #expect(lines[1] == #"{"z":"","a":0,"rate":1.0}"#)
        #expect(lines[0].hasPrefix(#"{"z":"=1+1\r\n\"quoted\""#) && lines[0].hasSuffix(#"","a":-3,"rate":0.125}"#))
        struct Row: Decodable { let z: String }
        let row = try JSONDecoder().decode(Row.self, from: Data(lines[0].utf8))
        #expect(row.z == "=1+1\r\n\"quoted\"\u{2028}graph/1#1,ü")
    }

    /// What the cell becomes, its row's end apart.
    private func bytes(of cell: ReportTable.Cell) -> [UInt8] {
        var table = ReportTable(columns: [])
        table.append([cell])
        return Array(table.csv.utf8.dropFirst(2).dropLast(2))
    }
}
