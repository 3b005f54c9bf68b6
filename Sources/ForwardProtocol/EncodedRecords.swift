import Records

/// Records as they arrived: checked, but still encoded, since the journal keeps them so.
public struct EncodedRecords: Sendable {
    public let bytes: [UInt8]
    public let ids: [RecordID]
    /// Where each record ends in `bytes`.
    private let ends: [Int]

    public var count: Int { ids.count }

    /// Checks every record in `bytes` against every limit.
    public init(checking bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        var ids: [RecordID] = []
        var ends: [Int] = []
        while reader.remaining > 0 {
            ids.append(try Record(from: &reader).id)
            ends.append(reader.offset)
        }
        self.bytes = [UInt8](bytes)
        self.ids = ids
        self.ends = ends
    }

    /// The bytes of the record at `index`.
    public func record(at index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }
}
