import Records
import Storage

/// Rows as ClickHouse's format RowBinary has them: the columns of each one after the other, numbers least significant byte
/// first, texts after their length.
struct RowBinary {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: Int64) {
        bytes.append(littleEndian: value)
    }

    mutating func append(_ value: UInt8) {
        bytes.append(value)
    }

    mutating func append(_ text: String) {
        bytes.append(variable: UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ values: Int64...) {
        for value in values { append(value) }
    }
}

/// Reads them again. What is no such row is damage.
struct RowBinaryReader {
    private let bytes: [UInt8]
    private var offset = 0
    private let store: String

    init(_ bytes: [UInt8], store: String) {
        self.bytes = bytes
        self.store = store
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func integer() throws(StorageError) -> Int64 {
        guard offset + 8 <= bytes.count else { throw truncated }
        defer { offset += 8 }
        return bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Int64.self)) }
    }

    mutating func byte() throws(StorageError) -> UInt8 {
        guard offset < bytes.count else { throw truncated }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Bytes that are no UTF-8 do not come from here.
    mutating func text() throws(StorageError) -> String {
        var (count, shift) = (0, 0)
        while shift < 35 {
            let byte = try byte()
            count |= Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 == 0 { break }
        }
        guard count <= bytes.count - offset else { throw truncated }
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    /// A name from the columns `is_other` and `text`, which stand side by side.
    mutating func dimensionName() throws(StorageError) -> DimensionName {
        let isOther = try byte() == 1
        let text = try text()
        return isOther ? .other : .named(text)
    }

    mutating func subject() throws(StorageError) -> Subject {
        Subject(high: try integer(), low: try integer())
    }

    /// Calls `body` until all rows are read.
    mutating func forEach(_ body: (inout RowBinaryReader) throws(StorageError) -> Void) throws(StorageError) {
        while !isAtEnd { try body(&self) }
    }

    private var truncated: StorageError {
        .inputOutput(store: store, reason: "an answer of ClickHouse ends before what it announces")
    }
}
