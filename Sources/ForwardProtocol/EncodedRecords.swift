import Records

/// Records as they arrived: checked, but still encoded, since the journal keeps them so.
public struct EncodedRecords: Sendable {
    public private(set) var bytes: [UInt8]
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

    /// Gives each record whose time is later than `latest` the time `now`: milliseconds since 1970, UTC. Returns how many those
    /// were.
    public mutating func bringBack(timesAfter latest: Int64, to now: Int64) -> Int {
        var count = 0
        for index in ids.indices {
            let place = (index == 0 ? 0 : ends[index - 1]) + Record.timeOffset
            let time = bytes[place..<place + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            guard Int64(bitPattern: time) > latest else { continue }
            withUnsafeBytes(of: now.littleEndian) { bytes.replaceSubrange(place..<place + 8, with: $0) }
            count += 1
        }
        return count
    }

    /// The bytes of the record at `index`.
    public func record(at index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }
}
