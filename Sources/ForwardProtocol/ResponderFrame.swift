import Records

/// What a responder says.
public enum ResponderFrame: Sendable {
    /// First on every connection.
    case hello(version: UInt16)
    /// Records to be made durable, in order.
    case records(EncodedRecords)
    /// Answers given since the last tally.
    case tally([TallyEntry])
    /// How the responder is doing.
    case status(ResponderStatus)

    public static func encodeHello() -> [UInt8] {
        encodeFrame(.hello) { bytes in
            bytes.append(contentsOf: ForwardProtocol.magic)
            bytes.append(littleEndian: ForwardProtocol.version)
        }
    }

    /// `records` are encoded records, together no longer than ``ForwardProtocol/recordBytesPerFrameMax``.
    public static func encodeRecords(_ records: some Sequence<[UInt8]>, count: Int, byteCount: Int) -> [UInt8] {
        encodeFrame(.records) { bytes in
            bytes.reserveCapacity(bytes.count + 4 + byteCount)
            bytes.append(littleEndian: UInt32(count))
            for record in records { bytes.append(contentsOf: record) }
        }
    }

    public static func encodeTally(_ entries: [TallyEntry]) -> [UInt8] {
        encodeFrame(.tally) { bytes in
            bytes.append(littleEndian: UInt32(entries.count))
            for entry in entries {
                bytes.append(shortText: entry.kind.site)
                bytes.append(littleEndian: entry.kind.status)
                bytes.append(shortText: entry.kind.reason)
                bytes.append(littleEndian: entry.count)
            }
        }
    }

    public static func encodeStatus(_ status: ResponderStatus) -> [UInt8] {
        encodeFrame(.status) { status.encode(into: &$0) }
    }

    /// Reads a frame whose length is stripped.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        self = try decodeFrame(bytes) { (type, reader) throws(FrameFault) in
            switch type {
            case .hello: .hello(version: try Self.decodeHello(&reader))
            case .records: .records(try Self.decodeRecords(&reader))
            case .tally: .tally(try Self.decodeTally(&reader))
            case .status: .status(try ResponderStatus(from: &reader))
            default: throw .unknownType(type.rawValue)
            }
        }
    }

    private static func decodeHello(_ reader: inout ByteReader) throws(FrameFault) -> UInt16 {
        let magic = try reader.frameBytes(ForwardProtocol.magic.count)
        guard magic.elementsEqual(ForwardProtocol.magic) else { throw .notForwardProtocol }
        return try reader.frameInteger()
    }

    private static func decodeRecords(_ reader: inout ByteReader) throws(FrameFault) -> EncodedRecords {
        let count = Int(try reader.frameInteger(UInt32.self))
        let bytes = try reader.frameBytes(reader.remaining)
        let records: EncodedRecords
        do {
            records = try EncodedRecords(checking: bytes)
        } catch {
            throw .malformed(error)
        }
        guard records.count == count else { throw .otherCount }
        return records
    }

    private static func decodeTally(_ reader: inout ByteReader) throws(FrameFault) -> [TallyEntry] {
        let count = Int(try reader.frameInteger(UInt32.self))
        var entries: [TallyEntry] = []
        for _ in 0..<count {
            let site = try reader.frameText(max: Limits.siteBytesMax)
            let status = try reader.frameInteger(UInt16.self)
            let reason = try reader.frameText(max: TallyEntry.reasonBytesMax)
            let kind = TallyEntry.Kind(site: site, status: status, reason: reason)
            entries.append(TallyEntry(kind: kind, count: try reader.frameInteger()))
        }
        return entries
    }
}
