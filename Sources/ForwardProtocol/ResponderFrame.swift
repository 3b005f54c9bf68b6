import Records

/// What a responder says.
public enum ResponderFrame: Sendable {
    /// First on every connection. The epoch is that of the subjects to come; nil in versions before 3.
    case hello(version: UInt16, epoch: SubjectEpoch?)
    /// Records to be made durable, in order.
    case records(EncodedRecords)
    /// Answers given since the last were told.
    case answers([TallyEntry])
    /// How the responder is doing.
    case status(ResponderStatus)
    /// Subjects to be erased wherever they are kept. An operator's tool says this, and no responder.
    case forget([Subject])

    /// How many subjects one frame holds.
    public static let subjectsMax = (ForwardProtocol.frameBytesMax - 5) / 16

    public static func encodeHello(epoch: SubjectEpoch) -> [UInt8] {
        encodeFrame(.hello) { bytes in
            bytes.append(contentsOf: ForwardProtocol.magic)
            bytes.append(littleEndian: ForwardProtocol.version)
            bytes.append(value128: epoch.value)
        }
    }

    /// `records` are `count` encoded records, one after the other, together no longer than
    /// ``ForwardProtocol/recordBytesPerFrameMax``; `sentMilliseconds` is the time by the clock that they are dated by, since
    /// 1970, UTC.
    public static func encodeRecords(_ records: ArraySlice<UInt8>, count: Int, sentMilliseconds: Int64) -> [UInt8] {
        encodeFrame(.records) { bytes in
            bytes.reserveCapacity(bytes.count + 12 + records.count)
            bytes.append(littleEndian: UInt32(count))
            bytes.append(littleEndian: sentMilliseconds)
            bytes.append(contentsOf: records)
        }
    }

    public static func encodeAnswers(_ entries: [TallyEntry]) -> [UInt8] {
        encodeFrame(.answers) { bytes in
            bytes.append(littleEndian: UInt32(entries.count))
            for entry in entries { entry.encode(into: &bytes) }
        }
    }

    public static func encodeStatus(_ status: ResponderStatus) -> [UInt8] {
        encodeFrame(.status) { status.encode(into: &$0) }
    }

    /// `subjects` are at most ``subjectsMax``.
    public static func encodeForget(_ subjects: [Subject]) -> [UInt8] {
        encodeFrame(.forget) { bytes in
            bytes.append(littleEndian: UInt32(subjects.count))
            for subject in subjects { bytes.append(value128: subject.value) }
        }
    }

    /// Reads a frame whose length is stripped.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        self = try decodeFrame(bytes) { (type, reader) throws(FrameFault) in
            switch type {
            case .hello: try Self.decodeHello(&reader)
            case .records: .records(try Self.decodeRecords(&reader, areTimed: true))
            case .untimedRecords: .records(try Self.decodeRecords(&reader, areTimed: false))
            case .tally: .answers(try Self.decodeList(&reader, TallyEntry.init(fromVersion2:)))
            case .answers: .answers(try Self.decodeList(&reader, TallyEntry.init(from:)))
            case .status: .status(try ResponderStatus(from: &reader))
            case .forget: .forget(try Self.decodeList(&reader, Self.decodeSubject))
            default: throw .unknownType(type.rawValue)
            }
        }
    }

    private static func decodeHello(_ reader: inout ByteReader) throws(FrameFault) -> ResponderFrame {
        let magic = try reader.frameBytes(ForwardProtocol.magic.count)
        guard magic.elementsEqual(ForwardProtocol.magic) else { throw .notForwardProtocol }
        let version = try reader.frameInteger(UInt16.self)
        guard version <= ForwardProtocol.version else {
            // What a later version says besides is not known here; it is told that it is not spoken.
            _ = try reader.frameBytes(reader.remaining)
            return .hello(version: version, epoch: nil)
        }
        guard version >= 3 else { return .hello(version: version, epoch: nil) }
        return .hello(version: version, epoch: SubjectEpoch(try reader.frameValue128()))
    }

    private static func decodeRecords(
        _ reader: inout ByteReader, areTimed: Bool
    ) throws(FrameFault) -> EncodedRecords {
        let count = Int(try reader.frameInteger(UInt32.self))
        let sent: Int64? = areTimed ? try reader.frameInteger() : nil
        let bytes = try reader.frameBytes(reader.remaining)
        let records: EncodedRecords
        do {
            records = try EncodedRecords(checking: bytes, sentMilliseconds: sent)
        } catch {
            throw .malformed(error)
        }
        guard records.count == count else { throw .otherCount }
        return records
    }

    private static func decodeSubject(_ reader: inout ByteReader) throws(FrameFault) -> Subject {
        Subject(try reader.frameValue128())
    }

    /// Four bytes that say how many there are, then so many of them.
    private static func decodeList<Element>(
        _ reader: inout ByteReader, _ decode: (inout ByteReader) throws(FrameFault) -> Element
    ) throws(FrameFault) -> [Element] {
        let count = Int(try reader.frameInteger(UInt32.self))
        var list: [Element] = []
        for _ in 0..<count { list.append(try decode(&reader)) }
        return list
    }
}
