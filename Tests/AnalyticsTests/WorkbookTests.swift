import Analytics
import Foundation
import TestSupport
import Testing

@Suite("Tables as workbooks")
struct WorkbookTests {
    /// What a spreadsheet would take for something else where it guesses, and what XML has signs of its own for.
    private static let texts = [
        "=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "\tx", "'x", "00123", "12345678901234567890", "1,5", "1.5", "1e5",
        "TRUE",
        "2026-12-01", "3/4", "", "  two  spaces ", "Überschrift ß", "数 😀", "<b>&\"';", "a\nb", "graph/1#1,graph/1#2",
        "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")", "é,\u{301}",
    ]

    private struct Cell: Decodable {
        let type: String?
        let formula: String?
        let text: String
    }

    private struct Sheets: Decodable {
        let libreoffice: [[Cell]]
        let openpyxl: [[Cell]]
    }

    private static func read(_ table: ReportTable) throws -> Sheets {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/table.xlsx"
        try Data(try #require(table.xlsx(name: "report"))).write(to: URL(fileURLWithPath: path))
        let json = try DebianPython.output(of: "read_workbook.py", [path, "de-DE"], beside: #filePath)
        return try JSONDecoder().decode(Sheets.self, from: Data(json.utf8))
    }

    @Test(
        "every text is that text and no formula, and every number that number, in LibreOffice in German and in openpyxl"
    )
    func cells() throws {
        var table = ReportTable(columns: ["=outcome", "count", "rate"])
        for text in Self.texts { table.append([.text(text), .number(1_234_567), .decimal(0.125)]) }
        table.append([.text("none"), .number(nil), .decimal(nil)])
        let sheets = try Self.read(table)
        for rows in [sheets.libreoffice, sheets.openpyxl] {
            #expect(rows[0].prefix(3).map(\.text) == ["=outcome", "count", "rate"])
            #expect(rows.flatMap { $0 }.allSatisfy { $0.formula == nil })
        }
        let shown = sheets.libreoffice.dropFirst().prefix(Self.texts.count)
        for (text, row) in zip(Self.texts, shown) {
            #expect(
                row[0].type == (text.isEmpty ? nil : "string") && row[0].text == text, "\(text.debugDescription)")
            #expect(row[1].type == "float" && row[1].text == "1234567")
            #expect(row[2].type == "float" && row[2].text == "0,125")
        }
        #expect(shown.count == Self.texts.count)
        let read = sheets.openpyxl.dropFirst().prefix(Self.texts.count)
        for (text, row) in zip(Self.texts, read) {
            // An empty text is none to it.
            #expect(text.isEmpty || row[0].type == "s" && row[0].text == text, "\(text.debugDescription)")
            #expect(row[1].type == "n" && row[1].text == "1234567" && row[2].text == "0.125")
        }
        #expect(sheets.openpyxl.last?.map(\.text) == ["none", "null", "null"])
    }

    @Test("what XML cannot hold is written as Office has it, and what reads like that by itself stays as it is")
    func escapes() throws {
        var table = ReportTable(columns: ["a"])
        for text in ["a\u{7}b", "_x0041_", "_x005F_", "_x00_", "_x__xg_", "a\rb"] { table.append([.text(text)]) }
        let rows = try Self.read(table)
        // LibreOffice reads the signs, and shows no bell; openpyxl leaves them as they are.
        #expect(
            rows.libreoffice.dropFirst().prefix(5).map(\.[0].text)
                == ["ab", "_x0041_", "_x005F_", "_x00_", "_x__xg_"])
        #expect(
            rows.openpyxl.dropFirst().map(\.[0].text)
                == ["a_x0007_b", "_x005F_x0041_", "_x005F_x005F_", "_x005F_x00_", "_x__xg_", "a_x000D_b"])
    }

    @Test("columns beyond Z, and a table without rows, are read as well")
    func columns() throws {
        let names = (0..<60).map { "c\($0)" }
        let sheets = try Self.read(ReportTable(columns: names))
        #expect(sheets.openpyxl.map { $0.map(\.text) } == [names])
        #expect(sheets.libreoffice[0].prefix(60).map(\.text) == names)
    }

    @Test("the same table is the same bytes, whenever it is written; more rows than a sheet holds are no workbook")
    func bytes() {
        var table = ReportTable(columns: ["a"])
        #expect(table.xlsx(name: "report") == table.xlsx(name: "report"))
        for _ in 0...ReportTable.xlsxRowsMax { table.append([.number(1)]) }
        #expect(table.xlsx(name: "report") == nil)
    }
}
