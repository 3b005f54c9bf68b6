import Glibc

/// Reads the little-endian integers, the texts and the 16-byte values that frames and records consist of.
///
/// Every read checks that the bytes are there, so that hostile input ends in an error and never in a trap.
public struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    public private(set) var offset = 0

    /// Reads from `bytes`, which must outlive the reader.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    public var remaining: Int { bytes.count - offset }

    /// The next integer, least significant byte first.
    public mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type = Value.self
    ) throws(DecodingFault) -> Value {
        Value(littleEndian: try unaligned())
    }

    /// The next 16 bytes, most significant first, as hexadecimal digits would be read.
    public mutating func value128() throws(DecodingFault) -> UInt128 {
        UInt128(bigEndian: try unaligned())
    }

    /// The next `count` bytes.
    public mutating func take(_ count: Int) throws(DecodingFault) -> UnsafeRawBufferPointer {
        guard count <= remaining else { throw .truncated }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// The next `count` bytes as text, which must be 1 to `countMax` bytes of UTF-8 with no control character.
    public mutating func text(_ count: Int, max countMax: Int) throws(DecodingFault) -> String {
        String(decoding: try textBytes(count, max: countMax), as: UTF8.self)
    }

    /// The same where it lies.
    mutating func textBytes(_ count: Int, max countMax: Int) throws(DecodingFault) -> UnsafeRawBufferPointer {
        guard count > 0, count <= countMax else { throw .textLength }
        let taken = try take(count)
        var isASCII = true
        for byte in taken {
            guard byte >= 0x20, byte != 0x7F else { throw .notText }
            isASCII = isASCII && byte < 0x80
        }
        guard isASCII || String(validating: taken, as: UTF8.self) != nil else { throw .notText }
        return taken
    }

    private mutating func unaligned<Value: BitwiseCopyable>() throws(DecodingFault) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= remaining else { throw .truncated }
        defer { offset += size }
        return bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
}

/// Why bytes are no record or frame. Says nothing of the bytes themselves.
public enum DecodingFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end before what they announce.
    case truncated
    /// Bytes are left over.
    case trailing
    /// A text is empty or over its limit.
    case textLength
    /// A text is not UTF-8 or holds a control character.
    case notText
    /// A record of a kind that this version does not know.
    case unknownKind(UInt8)

    public var description: String {
        switch self {
        case .truncated: "it ends before what it announces"
        case .trailing: "bytes are left over at its end"
        case .textLength: "a text in it is empty or over its limit"
        case .notText: "a text in it is not UTF-8 or holds a control character"
        case .unknownKind(let kind): "it holds a record of unknown kind \(kind)"
        }
    }
}

extension [UInt8] {
    /// Appends an integer, least significant byte first.
    public mutating func append(littleEndian value: some FixedWidthInteger & BitwiseCopyable) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends 16 bytes, most significant first.
    public mutating func append(value128 value: UInt128) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

extension String {
    /// Whether both are the same bytes: ids are opaque. (`==` goes by how they read, whichever way accents are spelt.)
    ///
    /// All bytes at once: compared one by one they were a twentieth of a request's cost, and a fifth of the fold's.
    public func hasBytes(of other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { UnsafeRawBufferPointer(left).hasBytes(of: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Hashes the bytes, as goes with comparing them.
    public func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes.
    @inlinable
    public func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let baseAddress, let others = other.baseAddress else { return true }
        return memcmp(baseAddress, others, count) == 0
    }
}
