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
