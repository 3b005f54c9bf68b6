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
