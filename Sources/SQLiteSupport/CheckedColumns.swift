import FoundationEssentials
import GRDB

/// Columns by their place. A value of another type than expected is damage, and an error: GRDB's own subscripts would
/// end the process.
extension Row {
    public func integer(_ index: Int) throws -> Int64 {
        guard case .int64(let value) = (self[index] as DatabaseValue).storage else { throw Self.damage }
        return value
    }

    public func blob(_ index: Int) throws -> Data {
        guard case .blob(let value) = (self[index] as DatabaseValue).storage else { throw Self.damage }
        return value
    }

    /// 16 bytes as a number, the first in the highest place.
    public func number128(_ index: Int) throws -> UInt128 {
        let bytes = try blob(index)
        guard bytes.count == 16 else { throw Self.damage }
        return UInt128(bigEndianBytes: bytes)
    }

    private static var damage: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a value is of the wrong type")
    }
}

/// Numbers as they stand in files: the first byte in the highest place.
extension FixedWidthInteger {
    public var bigEndianBytes: Data {
        withUnsafeBytes(of: bigEndian) { Data($0) }
    }

    public init(bigEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

extension [UInt8] {
    /// The number that stands there.
    public func bigEndian<Number: FixedWidthInteger>(_: Number.Type = Number.self, at offset: Int) -> Number {
        Number(bigEndianBytes: self[offset..<offset + Number.bitWidth / 8])
    }
}
