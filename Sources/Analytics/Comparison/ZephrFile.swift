import ConfigurationFile

/// A file in the shape of Zephr's own export of in-rule analytics, from Zephr or from here.
///
/// Source: Zephr's documentation, "Understand the export data".
public struct ZephrFile: Sendable {
    struct Row: Sendable {
        let outcome: ZephrOutcome
        /// nil in a file of totals.
        let start: BucketStart?
        /// Visitors who met the outcome; nil where the file does not tell.
        let total: Int?
        /// As many as there are conversions.
        let converted: [Int]
        /// Where it begins in the file.
        let line: Int
    }

    private enum Column: String, CaseIterable {
        case tab, outcomePath, outcomeId, total, bucketStart, bucketInterval

        /// Spreadsheets and people change the case of names, and put spaces around them.
        init?(header: String) {
            let name = header.trimmed.lowercased()
            guard let column = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) else { return nil }
            self = column
        }
    }

    /// How many bytes a file may have.
    public static let bytesMax = CSVText.bytesMax
    private static let conversionPrefix = "conversion:"
    /// More than there are people, and few enough that sums of them are numbers still.
    private static let countMax = 10_000_000_000
    /// How many columns that are not known are named.
    private static let unknownMax = 5

    /// Whether it has totals or days.
    public let variant: ZephrExport.Variant
    /// The types, in the order of the columns; an empty one stands for those together that have no name.
    let conversions: [OpaqueID]
    let rows: [Row]
    /// What is to be known of how it was read: a sentence each.
    let notes: [String]

    /// Reads the bytes of a file.
    public init(_ bytes: [UInt8]) throws(CSVFault) {
        let text = try CSVText(bytes) { Column(header: $0) != nil }
        let columns = try Columns(text)
        conversions = columns.conversions.map(\.name)
        let reader = RowReader(text: text, columns: columns)
        var rows: [Row] = []
        rows.reserveCapacity(text.rows.count)
        for row in text.rows { rows.append(try reader.row(row.cells, line: row.line)) }
        self.rows = rows
        variant = rows.contains { $0.start != nil } ? .daily : .total
        if variant == .daily, let index = rows.firstIndex(where: { $0.start == nil }) {
            throw text.fault(
                at: text.rows[index].cells[columns.places[.bucketStart] ?? 0],
                "bucketStart is empty, and other rows have one: a file has either days or totals, so export it again")
        }
        notes = columns.notes + (rows.isEmpty ? ["The file has no row but that of its columns' names"] : [])
    }

    /// Which column is where.
    private struct Columns {
        var places: [Column: Int] = [:]
        var conversions: [(name: OpaqueID, index: Int)] = []
        var notes: [String] = []

        init(_ text: CSVText) throws(CSVFault) {
            var unknown: [String] = []
            var names: Set<OpaqueID> = []
            for (index, cell) in text.header.enumerated() {
                let title = ReportTable.unguarded(cell.text)
                if let column = Column(header: title) {
                    guard places.updateValue(index, forKey: column) == nil else {
                        throw text.fault(at: cell, "the column `\(column.rawValue)` is there twice: take one out")
                    }
                } else if let name = Self.conversion(title) {
                    guard names.insert(name).inserted else {
                        throw text.fault(at: cell, "the column `\(title.brief)` is there twice: take one out")
                    }
                    conversions.append((name, index))
                } else if !title.isEmpty {
                    unknown.append(title.brief)
                }
            }
            let missing = Column.allCases.filter { places[$0] == nil }.map { "`\($0.rawValue)`" }
            guard missing.isEmpty else {
                let found = unknown.first.map { "; it has `\($0)`, for one" } ?? ""
                throw CSVFault(
                    "the file has no column \(missing.joined(separator: ", "))\(found): an export of Zephr's begins with a row "
                        + "of \(Column.allCases.map(\.rawValue).joined(separator: ", ")) and a `conversion: …` for each type"
                )
            }
            if !unknown.isEmpty {
                let more = unknown.count > unknownMax ? " and \(unknown.count - unknownMax) more" : ""
                notes.append(
                    "Columns that are not known are passed over: \(unknown.prefix(unknownMax).joined(separator: ", "))\(more)"
                )
            }
        }

        private static func conversion(_ title: String) -> OpaqueID? {
            guard title.lowercased().hasPrefix(conversionPrefix) else { return nil }
            let name = title.dropFirst(conversionPrefix.count)
            return OpaqueID(String(name.first == " " ? name.dropFirst() : name))
        }
    }

    private struct RowReader {
        let text: CSVText
        let columns: Columns

        func row(_ cells: [CSVText.Cell], line: Int) throws(CSVFault) -> Row {
            let interval = cells[columns.places[.bucketInterval] ?? 0]
            if let fault = Self.fault(inInterval: interval.text) { throw text.fault(at: interval, fault) }
            var converted: [Int] = []
            converted.reserveCapacity(columns.conversions.count)
            // Nobody is what an empty cell says here: a row tells of all the file's conversions.
            for conversion in columns.conversions {
                converted.append(try count(cells[conversion.index], "a conversion") ?? 0)
            }
            return Row(
                outcome: ZephrOutcome(
                    tab: value(.tab, cells), path: value(.outcomePath, cells), id: value(.outcomeId, cells)),
                start: try start(cells), total: try count(cell(.total, cells), "total"), converted: converted,
                line: line)
        }

        private func cell(_ column: Column, _ cells: [CSVText.Cell]) -> CSVText.Cell {
            cells[columns.places[column] ?? 0]
        }

        private func value(_ column: Column, _ cells: [CSVText.Cell]) -> String {
            ReportTable.unguarded(cell(column, cells).text)
        }

        private func start(_ cells: [CSVText.Cell]) throws(CSVFault) -> BucketStart? {
            let cell = cell(.bucketStart, cells)
            let written = cell.text.trimmed
            guard !written.isEmpty else { return nil }
            guard let start = BucketStart(written) else {
                throw text.fault(
                    at: cell,
                    "bucketStart has to be a day as \(BucketStart.forms), not `\(written.brief)`: where a spreadsheet wrote it, take the "
                        + "file as Zephr gave it")
            }
            return start
        }

        private func count(_ cell: CSVText.Cell, _ name: String) throws(CSVFault) -> Int? {
            let written = cell.text.trimmed
            guard !written.isEmpty else { return nil }
            // Programs that hold numbers as fractions write them so.
            let digits = written.hasSuffix(".0") ? written.dropLast(2) : written[...]
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let count = Int(digits), count <= countMax
            else {
                throw text.fault(
                    at: cell,
                    "\(name) has to be a whole number from 0 to \(countMax), in digits alone, such as 1234, not `\(written.brief)`"
                )
            }
            return count
        }

        /// Zephr says that it is always a day.
        private static func fault(inInterval text: String) -> String? {
            let written = text.lowercased()
            let others = ["hour", "minute", "week", "month", "quarter", "year"]
            guard let other = others.first(where: { written.contains($0) }), written != "24 hours" else { return nil }
            return "bucketInterval has to be one day, not \(other)s: export the daily data"
        }
    }
}

/// An outcome as a row of an export names it. The same as another when its bytes are.
public struct ZephrOutcome: Sendable, Hashable, Comparable {
    /// Each may be empty.
    let tab: OpaqueID
    let path: OpaqueID
    let id: OpaqueID

    init(tab: String, path: String, id: String) {
        self.tab = OpaqueID(tab)
        self.path = OpaqueID(path)
        self.id = OpaqueID(id)
    }

    public static func < (left: ZephrOutcome, right: ZephrOutcome) -> Bool {
        (left.id, left.tab, left.path) < (right.id, right.tab, right.path)
    }

    /// Its id, or where it has none its path.
    var title: String { id.text.isEmpty ? path.text : id.text }
}

extension ReportTable {
    /// The text that ``guarded(_:)`` made another of.
    static func unguarded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "'")) else { return text }
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        var isFirstOfPart = true
        while let scalar = rest.first {
            let isGuard = isFirstOfPart && scalar == "'" && beginsFormula(rest.dropFirst())
            if isGuard { rest = rest.dropFirst() }
            guard let kept = rest.first else { break }
            result.append(kept)
            isFirstOfPart = kept == ";" || isTabOrEndOfLine(kept)
            rest = rest.dropFirst()
        }
        return String(result)
    }
}

extension String {
    /// Without spaces at its ends.
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\u{A0}" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
