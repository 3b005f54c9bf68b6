import Analytics
import Foundation
import TestSupport
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
            // A part that a spreadsheet splits off, spaces and quotes in front of it apart.
            ("a;=1", "a;'=1"), ("a\t=1", "a\t'=1"), ("a\n@b", "\"a\n'@b\""), (" =1", "' =1"),
            ("a; \u{A0}=1", "a;' \u{A0}=1"), ("a;\"=1\"", "\"a;'\"\"=1\"\"\""), (";;+1", ";;'+1"),
            // So that taking one away gives the text again.
            ("'=1", "''=1"), ("a;'-1", "a;''-1"),
        ])
    func guarded(text: String, cell: String) {
        #expect(bytes(of: .text(text)) == Array(cell.utf8))
    }

    @Test(
        "text that holds such a sign further on is left alone",
        arguments: ["a=b", "'1", "1-1", "", "\u{FF1D}1", "a ;b", "graph/1#1;x=1", "a\u{301}=1", "'"])
    func notGuarded(text: String) {
        #expect(bytes(of: .text(text)) == Array(text.utf8))
    }

    @Test(
        "whatever a spreadsheet splits at, no cell begins a formula; and RFC 4180 gives the text again",
        arguments: 0..<20 as Range<UInt64>)
    func hostileTexts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet: [String] =
            [
                "=", "+", "-", "@", ";", ",", "\t", "\r", "\n", "\"", "'", " ", "\u{A0}", "a", "1", "cmd|", "\u{301}",
                "\u{2028}",
            ]
        for _ in 0..<200 {
            let texts = (0..<4).map { _ in
                (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? ""
                }
                .joined()
            }
            var table = ReportTable(columns: texts)
            table.append([.text(texts[1]), .text(texts[0]), .number(-3), .text(texts[2])])
            for separators in [";", "\t", ",", ",;\t", ";\t"] {
                // Whoever splits at commas has to honour quotes.
                for honoursQuotes in separators.contains(",") ? [true] : [true, false] {
                    let cells = Spreadsheet.rows(of: table.csv, separators, honoursQuotes: honoursQuotes).joined()
                    let formulas = cells.filter { cell in
                        let first = cell.unicodeScalars.first { !$0.properties.isWhitespace }
                        return cell != "-3" && first.map { "=+-@".unicodeScalars.contains($0) } == true
                    }
                    #expect(formulas.isEmpty, "\(texts.debugDescription) at \(separators.debugDescription)")
                }
            }
            let rows = Spreadsheet.rows(of: table.csv, ",", honoursQuotes: true).dropLast()
            #expect(
                rows.map { $0.map(Spreadsheet.unguarded) }
                    == [texts, [texts[1], texts[0], "-3", texts[2]]].map { $0.map { Array($0.unicodeScalars) } })
        }
    }

    @Test("Python's csv reads it as RFC 4180 has it")
    func python() throws {
        let texts = ["=1;=2", "a,\"b\"\r\nc", "", "\t@x", "graph/1#1,graph/1#2", "ü;\"-1"]
        var table = ReportTable(columns: texts)
        table.append(texts.map { .text($0) })
        let directory = try TemporaryDirectory()
        let path = directory.path + "/table.csv"
        try table.csv.write(toFile: path, atomically: true, encoding: .utf8)
        let json = try DebianPython.output(of: "read_csv.py", [path], beside: #filePath)
        let rows = try JSONDecoder().decode([[String]].self, from: Data(json.utf8))
        #expect(rows == [texts, texts])
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

/// What a spreadsheet makes of a file of text.
private enum Spreadsheet {
    /// A quote at the beginning of a cell opens it, and two of them in it are one, where quotes are honoured at all. (Two
    /// newline characters are two ends of rows here, the one of them empty.)
    static func rows(of text: String, _ separators: String, honoursQuotes: Bool) -> [[String]] {
        var rows: [[String]] = [[]]
        var cell = String.UnicodeScalarView()
        var (isQuoted, isFirst) = (false, true)
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            if isQuoted {
                if scalar != "\"" {
                    cell.append(scalar)
                } else if rest.first == "\"" {
                    cell.append(rest.removeFirst())
                } else {
                    isQuoted = false
                }
            } else if honoursQuotes, isFirst, scalar == "\"" {
                (isQuoted, isFirst) = (true, false)
            } else if separators.unicodeScalars.contains(scalar) || scalar == "\r" || scalar == "\n" {
                rows[rows.count - 1].append(String(cell))
                (cell, isFirst) = (String.UnicodeScalarView(), true)
                if scalar == "\r", rest.first == "\n" { rest.removeFirst() }
                if !separators.unicodeScalars.contains(scalar) { rows.append([]) }
            } else {
                cell.append(scalar)
                isFirst = false
            }
        }
        return rows
    }

    /// The text of a cell, by the rule that the documentation tells.
    static func unguarded(_ cell: String) -> [Unicode.Scalar] {
        let scalars = Array(cell.unicodeScalars)
        let separators: [Unicode.Scalar] = [";", "\t", "\r", "\n"]
        return scalars.indices.filter { index in
            guard scalars[index] == "'", index == 0 || separators.contains(scalars[index - 1]) else { return true }
            let next = scalars[(index + 1)...].first { scalar in
                !(scalar == "'" || scalar == "\"" || (scalar.properties.isWhitespace && !separators.contains(scalar)))
            }
            return !(next.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false)
        }.map { scalars[$0] }
    }
}
