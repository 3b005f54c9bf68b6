/// A table as a workbook of one sheet, which Excel, LibreOffice and others open alike, whatever their language takes for a decimal
/// point or for what separates cells.
///
/// Every text is a text: ids keep their zeros in front and all their digits, and nothing is a formula, whatever it begins with.
///
/// Source: ECMA-376, "Office Open XML", part 1, sections 12.3 (packages) and 18 (SpreadsheetML).
struct Spreadsheet {
    /// The most that a sheet holds, its header included (Excel).
    static let rowsMax = 1_048_576
    /// The most characters, in UTF-16, that a cell holds (Excel).
    private static let charactersMax = 32_767
    /// In characters of the font.
    private static let widths = 8...60

    private let table: ReportTable
    private let name: String

    /// nil where the table has more rows than a sheet holds.
    ///
    /// - Parameter name: the sheet's: at most 31 characters, and none of `[ ] : * ? / \`.
    init?(_ table: ReportTable, name: String) {
        guard table.rows.count < Self.rowsMax else { return nil }
        self.table = table
        self.name = name
    }

    /// The whole file: `.xlsx`.
    var bytes: [UInt8] {
        var archive = ZIPArchive()
        for (path, text) in Self.parts + [("xl/workbook.xml", workbook)] {
            archive.add(path, Array((Self.declaration + text).utf8))
        }
        archive.add("xl/worksheets/sheet1.xml", Array((Self.declaration + sheet).utf8))
        return archive.bytes
    }

    private static let declaration = #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"# + "\n"
    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let package = "http://schemas.openxmlformats.org/package/2006"
    private static let mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    /// The parts that are the same in every workbook.
    private static let parts = [
        (
            "[Content_Types].xml",
            """
            <Types xmlns="\(package)/content-types">\
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
            <Override PartName="/xl/workbook.xml" ContentType="\(mediaType).sheet.main+xml"/>\
            <Override PartName="/xl/styles.xml" ContentType="\(mediaType).styles+xml"/>\
            <Override PartName="/xl/worksheets/sheet1.xml" ContentType="\(mediaType).worksheet+xml"/>\
            </Types>
            """
        ),
        (
            "_rels/.rels",
            """
            <Relationships xmlns="\(package)/relationships">\
            <Relationship Id="rId1" Type="\(relationships)/officeDocument" Target="xl/workbook.xml"/>\
            </Relationships>
            """
        ),
        (
            "xl/_rels/workbook.xml.rels",
            """
            <Relationships xmlns="\(package)/relationships">\
            <Relationship Id="rId1" Type="\(relationships)/worksheet" Target="worksheets/sheet1.xml"/>\
            <Relationship Id="rId2" Type="\(relationships)/styles" Target="styles.xml"/>\
            </Relationships>
            """
        ),
        // Ordinary cells; texts (49 is the format of what stays text when it is edited); the header, which is bold.
        (
            "xl/styles.xml",
            """
            <styleSheet xmlns="\(main)">\
            <fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
            <font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
            <fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
            <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
            <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
            <cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
            <xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
            <xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>\
            <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>\
            </styleSheet>
            """
        ),
    ]
    private static let textStyle = 1
    private static let headerStyle = 2

    private var workbook: String {
        """
        <workbook xmlns="\(Self.main)" xmlns:r="\(Self.relationships)">\
        <sheets><sheet name="\(Self.escaped(name))" sheetId="1" r:id="rId1"/></sheets></workbook>
        """
    }

    private var sheet: String {
        let last = "\(Self.columnName(table.columns.count - 1))\(table.rows.count + 1)"
        let header = table.columns.map { ReportTable.Cell.text($0) }
        var rows = row(1, header, textStyle: Self.headerStyle)
        for (number, cells) in table.rows.enumerated() { rows += row(number + 2, cells, textStyle: Self.textStyle) }
        // The header stays in sight, its cells filter, and numbers that are texts on purpose are no mistake.
        return """
            <worksheet xmlns="\(Self.main)"><sheetViews><sheetView workbookViewId="0">\
            <pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>\
            <cols>\(columnWidths)</cols><sheetData>\(rows)</sheetData><autoFilter ref="A1:\(last)"/>\
            <ignoredErrors><ignoredError sqref="A1:\(last)" numberStoredAsText="1"/></ignoredErrors></worksheet>
            """
    }

    private var columnWidths: String {
        table.columns.indices.map { column in
            let longest = table.rows.reduce(table.columns[column].count) { max($0, Self.length(of: $1[column])) }
            let width = min(max(longest + 2, Self.widths.lowerBound), Self.widths.upperBound)
            return #"<col min="\#(column + 1)" max="\#(column + 1)" width="\#(width)" customWidth="1"/>"#
        }.joined()
    }

    private static func length(of cell: ReportTable.Cell) -> Int {
        switch cell {
        case .text(let text): text?.count ?? 0
        case .number(let number): number.map { "\($0)".count } ?? 0
        // As wide as programs show one.
        case .decimal: 10
        }
    }

    private func row(_ number: Int, _ cells: [ReportTable.Cell], textStyle: Int) -> String {
        let inside = cells.enumerated().map { column, cell in
            Self.cell("\(Self.columnName(column))\(number)", cell, textStyle: textStyle)
        }
        return #"<row r="\#(number)">\#(inside.joined())</row>"#
    }

    /// Empty where there is nothing.
    private static func cell(_ place: String, _ cell: ReportTable.Cell, textStyle: Int) -> String {
        switch cell {
        case .number(let number): number.map { #"<c r="\#(place)"><v>\#($0)</v></c>"# } ?? ""
        case .decimal(let number): number.map { #"<c r="\#(place)"><v>\#($0)</v></c>"# } ?? ""
        case .text(let text):
            text.map { text in
                let value = escaped(shortened(text))
                return
                    #"<c r="\#(place)" s="\#(textStyle)" t="inlineStr"><is><t xml:space="preserve">\#(value)</t></is></c>"#
            } ?? ""
        }
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf16.count > charactersMax else { return text }
        var shorter = text.unicodeScalars
        while shorter.reduce(0, { $0 + UTF16.width($1) }) > charactersMax { shorter.removeLast() }
        return String(shorter)
    }

    /// `A`, `Z`, `AA`.
    static func columnName(_ number: Int) -> String {
        let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(number % 26)))
        return number < 26 ? letter : columnName(number / 26 - 1) + letter
    }

    /// As XML has it. What XML cannot hold is `_x0007_`, and what reads like that by itself has its `_` so (ECMA-376, part 1, section
    /// 22.9.2.19).
    static func escaped(_ text: String) -> String {
        var result = ""
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "_" where isEscape(rest): result += "_x005F_"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || [0xFFFE, 0xFFFF].contains(scalar.value):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "_x\(String(repeating: "0", count: 4 - digits.count))\(digits)_"
            default: result.unicodeScalars.append(scalar)
            }
            rest = rest.dropFirst()
        }
        return result
    }

    /// Whether it begins with `_x`, hexadecimal digits and `_`. Excel takes four of them for an escape, LibreOffice any number.
    private static func isEscape(_ text: Substring.UnicodeScalarView) -> Bool {
        let head = text.dropFirst()
        guard head.first == "x" else { return false }
        let digits = head.dropFirst().prefix(while: \.properties.isASCIIHexDigit)
        return !digits.isEmpty && head[digits.endIndex...].first == "_"
    }
}

extension ReportTable {
    /// As a workbook; nil where there are more rows than a sheet holds.
    ///
    /// - Parameter name: the sheet's.
    public func xlsx(name: String) -> [UInt8]? {
        Spreadsheet(self, name: name)?.bytes
    }

    /// How many rows a workbook holds, its header aside.
    public static var xlsxRowsMax: Int { Spreadsheet.rowsMax - 1 }
}
