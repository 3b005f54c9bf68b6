/// The forward protocol's constants; `docs/forward-protocol.md` describes it byte by byte.
public enum ForwardProtocol {
    /// What a responder of this version says in `hello`.
    public static let version: UInt16 = 4
    /// The versions that an aggregator of this version speaks, so that it can be replaced before its responders are. Those before
    /// tell no epoch, so that a changed subject secret would go unnoticed.
    public static let versionsSpoken: ClosedRange<UInt16> = 3...version
    /// The first bytes of a `hello`, so that a stranger is told from a responder.
    static let magic: [UInt8] = Array("ROFP".utf8)

    /// The longest frame, its four length bytes apart.
    public static let frameBytesMax = 1 << 20
    /// The longest run of records in one frame: what is left beside type, count and time.
    public static let recordBytesPerFrameMax = frameBytesMax - 13
}

/// The byte after a frame's length. Responders speak below 128, aggregators from 128 on.
enum FrameType: UInt8 {
    case hello = 1
    /// Of version 3.
    case untimedRecords = 2
    case status = 4
    case answers = 5
    case forget = 6
    case records = 7
    case tidy = 8
    case welcome = 129
    case committed = 130
    case refused = 131
    case closing = 132
    case forgotten = 133
    case erasing = 134
    case tidied = 135
    case declined = 136
}

/// Why bytes are no frame of the forward protocol. It ends the connection, and only that.
public enum FrameFault: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(bytes: Int)
    case unknownType(UInt8)
    case notForwardProtocol
    case unknownRefusal(UInt8)
    /// A byte that says which of a few things is meant says none of them.
    case unknownCode(UInt8)
    /// The records in a frame are not as many as it says.
    case otherCount
    /// The figures of a status are not in rising order.
    case figureOrder
    /// There are more rule versions and outcomes to tidy in a frame than ``Tidying/partsMax``.
    case tooManyParts(Int)
    case malformed(DecodingFault)

    public var description: String {
        switch self {
        case .empty: "a frame is empty"
        case .tooLong(let bytes): "a frame of \(bytes) bytes is over \(ForwardProtocol.frameBytesMax)"
        case .unknownType(let type): "a frame's type \(type) is unknown"
        case .notForwardProtocol: "what arrives is not the forward protocol"
        case .unknownCode(let code): "a frame's code \(code) is unknown"
        case .unknownRefusal(let reason): "a refusal's reason \(reason) is unknown"
        case .otherCount: "a frame does not hold as many records as it says"
        case .tooManyParts(let count):
            "a frame names \(count) rule versions and outcomes, over \(Tidying.partsMax)"
        case .figureOrder: "the figures of a status are not in rising order"
        case .malformed(let fault): "a frame is malformed: \(fault)"
        }
    }
}

/// Collects bytes as they arrive and gives them back frame by frame.
public struct FrameBuffer {
    private static let lengthBytes = 4

    private var bytes: [UInt8] = []
    private var start = 0

    public init() {}

    public mutating func append(_ arrived: UnsafeRawBufferPointer) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: arrived)
    }

    /// Calls `body` with the next frame, its length stripped; nil when it is not all there yet.
    public mutating func next<Frame>(
        _ body: (UnsafeRawBufferPointer) throws(FrameFault) -> Frame
    ) throws(FrameFault) -> Frame? {
        guard let length = pendingLength() else { return nil }
        guard length > 0 else { throw .empty }
        guard length <= ForwardProtocol.frameBytesMax else { throw .tooLong(bytes: length) }
        let first = start + Self.lengthBytes
        guard bytes.count >= first + length else { return nil }
        start = first + length
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(FrameFault) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[first..<first + length]))
            }
        }.get()
    }

    private func pendingLength() -> Int? {
        guard bytes.count - start >= Self.lengthBytes else { return nil }
        return bytes.withUnsafeBytes {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        }
    }
}

/// Encodes one frame: its length, its type, and what `body` appends.
func encodeFrame(_ type: FrameType, _ body: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0, type.rawValue]
    body(&bytes)
    let length = UInt32(bytes.count - 4)
    for index in 0..<4 {
        bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index)))
    }
    return bytes
}

extension [UInt8] {
    /// Appends an id as two bytes of length and its UTF-8.
    mutating func append(longText text: String) {
        append(littleEndian: UInt16(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Appends a text as one byte of length and its UTF-8, cut to what that length can say, between characters.
    mutating func append(shortText text: String) {
        var count = 0
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            guard count + width <= Int(UInt8.max) else { break }
            count += width
        }
        append(UInt8(count))
        append(contentsOf: text.utf8.prefix(count))
    }
}

/// Reads a frame's type, lets `body` read the rest, and sees that nothing is left.
func decodeFrame<Frame>(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (FrameType, inout ByteReader) throws(FrameFault) -> Frame
) throws(FrameFault) -> Frame {
    var reader = ByteReader(bytes)
    let code = try reader.frameInteger(UInt8.self)
    guard let type = FrameType(rawValue: code) else { throw .unknownType(code) }
    let frame = try body(type, &reader)
    guard reader.remaining == 0 else { throw .malformed(.trailing) }
    return frame
}

/// The same reads with the error that a frame has.
extension ByteReader {
    mutating func frameInteger<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type = Value.self
    ) throws(FrameFault) -> Value {
        do { return try integer() } catch { throw .malformed(error) }
    }

    mutating func frameBytes(_ count: Int) throws(FrameFault) -> UnsafeRawBufferPointer {
        do { return try take(count) } catch { throw .malformed(error) }
    }

    mutating func frameValue128() throws(FrameFault) -> UInt128 {
        do { return try value128() } catch { throw .malformed(error) }
    }

    /// A text after two bytes of length.
    mutating func frameLongText(max: Int) throws(FrameFault) -> String {
        let count = Int(try frameInteger(UInt16.self))
        do { return try text(count, max: max) } catch { throw .malformed(error) }
    }

    /// A byte that says whether something is there.
    mutating func frameFlag() throws(FrameFault) -> Bool {
        switch try frameInteger(UInt8.self) {
        case 0: false
        case 1: true
        case let code: throw .unknownCode(code)
        }
    }

    /// A text after one byte of length.
    mutating func frameText(max: Int) throws(FrameFault) -> String {
        let count = Int(try frameInteger(UInt8.self))
        do { return try text(count, max: max) } catch { throw .malformed(error) }
    }
}
