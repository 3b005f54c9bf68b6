/// The header of a FastCGI record (FastCGI 1.0, section 3.3).
struct RecordHeader {
    let version: UInt8
    let type: UInt8
    let requestID: Int
    let contentBytes: Int
    let paddingBytes: Int

    /// Reads the eight bytes at `offset`, which must be there.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        version = bytes[offset]
        type = bytes[offset + 1]
        requestID = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
        contentBytes = Int(bytes[offset + 4]) << 8 | Int(bytes[offset + 5])
        paddingBytes = Int(bytes[offset + 6])
    }
}
