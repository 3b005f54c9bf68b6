/// What an aggregator says.
public enum AggregatorFrame: Equatable, Sendable {
    /// Why records were not made durable.
    public enum Refusal: UInt8, Sendable {
        /// The disk, or the room given to the journal, is full. The records may be sent again later.
        case journalFull = 1
    }

    /// The answer to `hello`. `inFlightMax` is how many records may await their answer on this connection.
    case welcome(version: UInt16, inFlightMax: UInt32)
    /// The next so many records of this connection, in order, are durable.
    case committed(UInt32)
    /// The next so many records of this connection, in order, are not recorded.
    case refused(UInt32, Refusal)
    /// The answer to `forget`: how many subjects there were to erase, counted by rule version. Nothing is left of them.
    case forgotten(UInt32)
    /// An answer to `tidy`: it is done, and so many of what it names were there.
    case tidied(UInt32)
    /// The other answer to `tidy`: why nothing was done, in words.
    case declined(reason: String)
    /// Before the answer to `forget` or `tidy`: what is being done, or waited for, in words.
    case erasing(progress: String)
    /// Last on a connection that the aggregator closes: why, in words.
    case closing(reason: String)

    public func encoded() -> [UInt8] {
        switch self {
        case .welcome(let version, let inFlightMax):
            encodeFrame(.welcome) { bytes in
                bytes.append(littleEndian: version)
                bytes.append(littleEndian: inFlightMax)
            }
        case .committed(let count):
            encodeFrame(.committed) { $0.append(littleEndian: count) }
        case .refused(let count, let refusal):
            encodeFrame(.refused) { bytes in
                bytes.append(littleEndian: count)
                bytes.append(refusal.rawValue)
            }
        case .forgotten(let count):
            encodeFrame(.forgotten) { $0.append(littleEndian: count) }
        case .erasing(let progress):
            encodeFrame(.erasing) { $0.append(shortText: progress) }
        case .tidied(let count):
            encodeFrame(.tidied) { $0.append(littleEndian: count) }
        case .declined(let reason):
            encodeFrame(.declined) { $0.append(shortText: reason) }
        case .closing(let reason):
            encodeFrame(.closing) { $0.append(shortText: reason) }
        }
    }

    /// Reads a frame whose length is stripped.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        self = try decodeFrame(bytes) { (type, reader) throws(FrameFault) in
            switch type {
            case .welcome:
                .welcome(version: try reader.frameInteger(), inFlightMax: try reader.frameInteger())
            case .committed:
                .committed(try reader.frameInteger())
            case .refused:
                .refused(try reader.frameInteger(), try Self.decodeRefusal(&reader))
            case .forgotten:
                .forgotten(try reader.frameInteger())
            case .erasing:
                .erasing(progress: try reader.frameText(max: Int(UInt8.max)))
            case .tidied:
                .tidied(try reader.frameInteger())
            case .declined:
                .declined(reason: try reader.frameText(max: Int(UInt8.max)))
            case .closing:
                .closing(reason: try reader.frameText(max: Int(UInt8.max)))
            default:
                throw .unknownType(type.rawValue)
            }
        }
    }

    private static func decodeRefusal(_ reader: inout ByteReader) throws(FrameFault) -> Refusal {
        let code = try reader.frameInteger(UInt8.self)
        guard let refusal = Refusal(rawValue: code) else { throw .unknownRefusal(code) }
        return refusal
    }
}
