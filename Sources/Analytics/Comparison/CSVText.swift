/// A file of comma-separated values: its rows, and where each cell stands.
///
/// As RFC 4180 has it, and as spreadsheets write it: a byte order mark may stand in front, lines end in CRLF or LF, and
/// semicolons or tabs may stand for the commas. Rows without any text are passed over. Anything else is refused, since a
/// file that is read wrongly would be compared wrongly.
struct CSVText: Sendable {
    struct Cell: Sendable {
        let text: String
        /// Of its first byte.
        fileprivate let offset: Int
    }

    struct Row: Sendable {
        let cells: [Cell]
        /// The one that it begins in, counted from 1.
        let line: Int

        fileprivate var isBlank: Bool { cells.allSatisfy(\.text.isEmpty) }
    }

    /// Larger than any export that the limits of outcomes, days and conversions allow for.
    static let bytesMax = 64 << 20
    static let cellsMax = 2_000_000
    /// Of one row, so that a file of nothing but separators is no row of millions.
    static let columnsMax = 5000

    private static let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The first row. There is one, and each further row has as many cells.
    let header: [Cell]
    let rows: [Row]
    private let bytes: [UInt8]

    /// - Parameter isColumn: whether there should be a column of that name, by which the separator is known.
    init(_ bytes: [UInt8], isColumn: (String) -> Bool) throws(CSVFault) {
        let text = bytes.starts(with: Self.byteOrderMark) ? Array(bytes.dropFirst(Self.byteOrderMark.count)) : bytes
        if let fault = CSVFault(encodingOf: text, size: bytes.count) { throw fault }
        self.bytes = text
        var scanner = CSVScanner(text, separator: try Self.separator(of: text, isColumn))
        var rows: [Row] = []
        var cells = 0
        while let row = try scanner.nextRow() {
            guard !row.isBlank else { continue }
            if let first = rows.first, row.cells.count != first.cells.count {
                throw CSVFault(
                    in: text, at: row.cells[0].offset,
                    "the row has another number of cells, \(row.cells.count), than the first one, \(first.cells.count): a cell that holds a separator, a quotation "
                        + "mark or the end of a line has to stand in quotation marks")
            }
            cells += row.cells.count
            guard cells <= Self.cellsMax else {
                throw CSVFault(
                    in: text, at: row.cells[0].offset, "the file has more than \(Self.cellsMax) cells up to here")
            }
            rows.append(row)
        }
        guard let header = rows.first?.cells else { throw .empty }
        self.header = header
        self.rows = Array(rows.dropFirst())
    }

    /// What is wrong with a cell.
    func fault(at cell: Cell, _ message: String) -> CSVFault {
        CSVFault(in: bytes, at: cell.offset, message)
    }

    /// The one by which most of the first row's cells are known; a comma where none is.
    private static func separator(of text: [UInt8], _ isColumn: (String) -> Bool) throws(CSVFault) -> UInt8 {
        var best = (separator: separators[0], known: 0)
        var fault: CSVFault?
        for separator in separators {
            var scanner = CSVScanner(text, separator: separator)
            do throws(CSVFault) {
                var row = try scanner.nextRow()
                while let blank = row, blank.isBlank { row = try scanner.nextRow() }
                let known = (row?.cells ?? []).count { isColumn($0.text) }
                if known > best.known { best = (separator, known) }
            } catch {
                fault = fault ?? error
            }
        }
        if best.known == 0, let fault { throw fault }
        return best.separator
    }
}

/// Reads one row after the other.
private struct CSVScanner {
    private static let quote = UInt8(ascii: "\"")

    private let bytes: [UInt8]
    private let separator: UInt8
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8], separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
    }

    /// nil at the end.
    mutating func nextRow() throws(CSVFault) -> CSVText.Row? {
        guard position < bytes.count else { return nil }
        let first = line
        var cells: [CSVText.Cell] = []
        while true {
            let start = position
            let isQuoted = position < bytes.count && bytes[position] == Self.quote
            let text = isQuoted ? try quotedText() : try plainText()
            guard cells.count < CSVText.columnsMax else {
                throw CSVFault(
                    in: bytes, at: start,
                    "the row has more than \(CSVText.columnsMax) cells: no export has that many columns; is it the right file?"
                )
            }
            cells.append(CSVText.Cell(text: text, offset: start))
            guard position < bytes.count else { return CSVText.Row(cells: cells, line: first) }
            if bytes[position] == separator {
                position += 1
                continue
            }
            try passEndOfLine()
            return CSVText.Row(cells: cells, line: first)
        }
    }

    private mutating func plainText() throws(CSVFault) -> String {
        let start = position
        while position < bytes.count, !isEnd(bytes[position]) {
            if bytes[position] == Self.quote {
                throw CSVFault(
                    in: bytes, at: position,
                    "a quotation mark stands in a cell that does not begin with one: put the whole cell in quotation marks, and "
                        + "double those within")
            }
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quotedText() throws(CSVFault) -> String {
        let start = position
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != Self.quote {
                if byte == UInt8(ascii: "\n") { line += 1 }
                text.append(byte)
            } else if position < bytes.count, bytes[position] == Self.quote {
                text.append(byte)
                position += 1
            } else if position == bytes.count || isEnd(bytes[position]) {
                return String(decoding: text, as: UTF8.self)
            } else {
                throw CSVFault(
                    in: bytes, at: position,
                    "the cell goes on behind the quotation mark that ends it: double those within, and put a separator behind the "
                        + "last")
            }
        }
        throw CSVFault(
            in: bytes, at: start,
            "the quotation mark that begins this cell has none that ends it: is the file complete?")
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == separator || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private mutating func passEndOfLine() throws(CSVFault) {
        if bytes[position] == UInt8(ascii: "\r") {
            guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\n") else {
                throw CSVFault(
                    in: bytes, at: position,
                    "a carriage return has no newline behind it: lines end in CRLF or LF, and a cell with one stands in quotation "
                        + "marks")
            }
            position += 1
        }
        position += 1
        line += 1
    }
}

/// What is wrong with a file, where, and what would be right.
public struct CSVFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Counted from 1, the column in characters; nil where it is the file as a whole.
    public let line: Int?
    public let column: Int?
    public let message: String

    static let empty = CSVFault(
        "the file is empty: it has to have a row with the names of its columns, and rows below it")

    init(_ message: String) {
        (line, column) = (nil, nil)
        self.message = message
    }

    fileprivate init(in bytes: [UInt8], at offset: Int, _ message: String) {
        let before = bytes[..<offset]
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        // Of the bytes of a character all but the first begin with the bits 10.
        column = 1 + bytes[start..<offset].count { $0 & 0xC0 != 0x80 }
        self.message = message
    }

    /// nil where the bytes are UTF-8, and not too many.
    fileprivate init?(encodingOf bytes: [UInt8], size: Int) {
        let remedy = "save it as “CSV UTF-8”"
        if size > CSVText.bytesMax {
            self.init("the file is over \(CSVText.bytesMax >> 20) MiB: no export is that long; is it the right file?")
        } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4).contains(0) {
            self.init("the file is UTF-16, or no text at all: \(remedy)")
        } else if bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) {
            self.init("the file is a workbook, or another archive, and not CSV: \(remedy)")
        } else if let offset = Self.firstInvalid(bytes) {
            self.init(
                in: bytes, at: offset,
                "the byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) is not UTF-8: the file seems to be Latin-1, or "
                    + "Windows-1252; \(remedy)")
        } else {
            return nil
        }
    }

    /// Where the first byte is that is not UTF-8; nil where all are.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var (decoder, iterator, offset) = (UTF8(), bytes.makeIterator(), 0)
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset
    }

    /// `line 3, column 12: what is wrong`.
    public var description: String {
        guard let line, let column else { return message }
        return "line \(line), column \(column): \(message)"
    }
}
