import Records

/// Records as they arrived: checked, but still encoded, since the journal keeps them so.
public struct EncodedRecords: Sendable {
    public private(set) var bytes: [UInt8]
    public let ids: [RecordID]
    /// Where each record ends in `bytes`.
    private let ends: [Int]
    /// When they were sent by the sender's clock, since 1970, UTC; nil in versions before 4.
    public let sentMilliseconds: Int64?

    /// How far two clocks may differ, the time on the way included.
    public static let skewMillisecondsMax: Int64 = 60_000
    /// How long a record may have waited: a line of nginx's log waits an hour while a responder is started again.
    public static let ageMillisecondsMax: Int64 = 60 * 60 * 1000 + skewMillisecondsMax

    public var count: Int { ids.count }

    /// Checks every record in `bytes` against every limit.
    public init(checking bytes: UnsafeRawBufferPointer, sentMilliseconds: Int64? = nil) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        var ids: [RecordID] = []
        var ends: [Int] = []
        while reader.remaining > 0 {
            ids.append(try Record.check(&reader))
            ends.append(reader.offset)
        }
        self.bytes = [UInt8](bytes)
        self.ids = ids
        self.ends = ends
        self.sentMilliseconds = sentMilliseconds
    }

    /// Gives each record whose time cannot be the one at which it happened, as near as can be told; returns how many those were.
    ///
    /// Where the sender's clock agrees with this one, a record's time may be as old as `ageMillisecondsMax`. Where it does not,
    /// a record's age by that clock still holds. Whatever is older, or yet to come, happened now.
    ///
    /// - Parameter now: milliseconds since 1970, UTC.
    public mutating func setTimesRight(nowMilliseconds now: Int64) -> Int {
        let sent = sentMilliseconds ?? now
        let isSoundClock = (-Self.skewMillisecondsMax...Self.skewMillisecondsMax).contains(
            now.distanceClamped(to: sent))
        var count = 0
        for index in ids.indices {
            let place = (index == 0 ? 0 : ends[index - 1]) + Record.timeOffset
            let bits = bytes[place..<place + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            let age = Int64(bitPattern: bits).distanceClamped(to: sent)
            let isSoundAge = (-Self.skewMillisecondsMax...Self.ageMillisecondsMax).contains(age)
            if isSoundAge && isSoundClock { continue }
            let time = isSoundAge ? now - max(0, age) : now
            withUnsafeBytes(of: time.littleEndian) { bytes.replaceSubrange(place..<place + 8, with: $0) }
            count += 1
        }
        return count
    }

    /// The bytes of the record at `index`.
    public func record(at index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }
}

extension Int64 {
    /// Any clock may say anything, so a distance may be more than fits.
    fileprivate func distanceClamped(to other: Int64) -> Int64 {
        let (difference, overflow) = other.subtractingReportingOverflow(self)
        return overflow ? (other < self ? .min : .max) : difference
    }
}
