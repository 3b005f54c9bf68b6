/// What a responder says.
public enum ResponderFrame: Sendable {
    /// First on every connection. The epoch is that of the subjects to come; nil in versions that are not spoken.
    case hello(version: UInt16, epoch: SubjectEpoch?)
    /// Records to be made durable, in order.
    case records(EncodedRecords)
    /// Answers given since the last were told.
    case answers([TallyEntry])
    /// How the responder is doing.
    case status(ResponderStatus)
    /// Subjects to be erased wherever they are kept. An operator's tool says this, and no responder.
    case forget([Subject])
    /// What is to become of rule versions and outcomes. An operator's tool says this, and no responder.
    case tidy(Tidying)

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

    /// The tidying is of at most ``Tidying/partsMax``.
    public static func encodeTidy(_ tidying: Tidying) -> [UInt8] {
        encodeFrame(.tidy) { tidying.encode(into: &$0) }
    }

    /// Reads a frame whose length is stripped.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        self = try decodeFrame(bytes) { (type, reader) throws(FrameFault) in
            switch type {
            case .hello: try Self.decodeHello(&reader)
            case .records: .records(try Self.decodeRecords(&reader, areTimed: true))
            case .untimedRecords: .records(try Self.decodeRecords(&reader, areTimed: false))
            case .answers: .answers(try Self.decodeList(&reader, TallyEntry.init(from:)))
            case .status: .status(try ResponderStatus(from: &reader))
            case .forget: .forget(try Self.decodeList(&reader, Self.decodeSubject))
            case .tidy: .tidy(try Tidying(from: &reader))
            default: throw .unknownType(type.rawValue)
            }
        }
    }

    private static func decodeHello(_ reader: inout ByteReader) throws(FrameFault) -> ResponderFrame {
        let magic = try reader.frameBytes(ForwardProtocol.magic.count)
        guard magic.elementsEqual(ForwardProtocol.magic) else { throw .notForwardProtocol }
        let version = try reader.frameInteger(UInt16.self)
        guard ForwardProtocol.versionsSpoken.contains(version) else {
            // What another version says besides is not known here; it is told that it is not spoken.
            _ = try reader.frameBytes(reader.remaining)
            return .hello(version: version, epoch: nil)
        }
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
    static func decodeList<Element>(
        _ reader: inout ByteReader, _ decode: (inout ByteReader) throws(FrameFault) -> Element
    ) throws(FrameFault) -> [Element] {
        let count = Int(try reader.frameInteger(UInt32.self))
        var list: [Element] = []
        for _ in 0..<count { list.append(try decode(&reader)) }
        return list
    }
}

/// Records as they arrived: checked, but still encoded, since the journal keeps them so.
public struct EncodedRecords: Sendable {
    public private(set) var bytes: [UInt8]
    public let ids: [RecordID]
    /// Where each record ends in `bytes`.
    private let ends: [Int]
    /// When they were sent by the sender's clock, since 1970, UTC; nil in version 3.
    public let sentMilliseconds: Int64?

    /// How far two clocks may differ, the time on the way included.
    static let skewMillisecondsMax: Int64 = 60_000
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

/// How a responder is doing, at one moment. Informative: never part of what is counted.
public struct ResponderStatus: Equatable, Sendable {
    /// What a responder tells of itself, by the byte that stands for it in a frame.
    public enum Figure: UInt8, Sendable, CaseIterable {
        /// Records that wait for the aggregator's answer, or to be sent.
        case recordsInFlight = 1
        /// Connections from nginx that are open.
        case connections = 2
        /// How often the configuration was read again since the start, and how often that failed.
        case reloads = 3
        case reloadsFailed = 4
    }

    /// The responder's time of day: milliseconds since 1970, UTC.
    public let timeMilliseconds: Int64
    /// By code, those of later versions among them, which are not known here.
    private let values: [UInt8: UInt64]

    public init(timeMilliseconds: Int64, figures: [Figure: UInt64]) {
        self.timeMilliseconds = timeMilliseconds
        values = Dictionary(uniqueKeysWithValues: figures.map { ($0.key.rawValue, $0.value) })
    }

    /// nil when the responder did not tell.
    public subscript(figure: Figure) -> UInt64? {
        values[figure.rawValue]
    }
}

extension ResponderStatus {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: timeMilliseconds)
        bytes.append(UInt8(values.count))
        for (code, value) in values.sorted(by: { $0.key < $1.key }) {
            bytes.append(code)
            bytes.append(littleEndian: value)
        }
    }

    /// Figures come in rising order, so that none comes twice.
    init(from reader: inout ByteReader) throws(FrameFault) {
        timeMilliseconds = try reader.frameInteger()
        var values: [UInt8: UInt64] = [:]
        var last: UInt8?
        for _ in 0..<(try reader.frameInteger(UInt8.self)) {
            let code = try reader.frameInteger(UInt8.self)
            if let last, code <= last { throw .figureOrder }
            values[code] = try reader.frameInteger()
            last = code
        }
        self.values = values
    }
}
