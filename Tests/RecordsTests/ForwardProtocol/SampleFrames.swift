import Records

/// Records, and frames of every type, for tests.
enum SampleFrames {
    static func record(_ number: UInt128) -> [UInt8] {
        var bytes: [UInt8] = []
        let conversion = Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED")
        Record(
            id: RecordID(number), timeMilliseconds: 1_700_000_000_000, subject: Subject(number << 64), site: "default",
            event: .conversion(conversion)
        ).encode(into: &bytes)
        return bytes
    }

    static func records(_ numbers: ClosedRange<UInt128>) -> [UInt8] {
        let records = numbers.map(record)
        return ResponderFrame.encodeRecords(
            Array(records.joined())[...], count: records.count, sentMilliseconds: 1_700_000_000_000)
    }

    static let epoch = SubjectEpoch(0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF)

    static let answers = [
        TallyEntry(
            kind: TallyEntry.Kind(
                site: "default", door: .conversions, status: 201, reason: "durable",
                outcome: TallyEntry.Outcome(ruleID: "a", outcomeID: "g")), count: 1_000),
        TallyEntry(kind: TallyEntry.Kind(site: "-", status: 500, reason: "site"), count: .max),
    ]

    static let status = ResponderStatus(
        timeMilliseconds: 1_700_000_000_000, figures: [.recordsInFlight: 7, .reloadsFailed: 258])

    static let tidying = Tidying(
        .delete,
        [
            RulePart(site: "default", ruleID: "article-22"),
            RulePart(site: "default", ruleID: "a", outcomeID: "graph/1#1"),
        ])

    static let responderFrames = [
        ResponderFrame.encodeHello(epoch: epoch), records(1...3), ResponderFrame.encodeAnswers(answers),
        ResponderFrame.encodeStatus(status), ResponderFrame.encodeForget([Subject(1), Subject(.max)]),
        ResponderFrame.encodeTidy(tidying),
    ]

    static let aggregatorFrames: [AggregatorFrame] = [
        .welcome(version: 1, inFlightMax: 65_536), .committed(3), .refused(2, .journalFull),
        .refused(.max, .journalFull),
        .closing(reason: "a frame is empty"), .forgotten(258), .erasing(progress: "waiting"), .tidied(3),
        .declined(reason: "a group compares it"),
    ]
}

/// What the frame holds behind its four bytes of length.
func content(of frame: [UInt8]) -> [UInt8] {
    Array(frame.dropFirst(4))
}

/// The frame with that content.
func frame(holding content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt32(content.count))
    return bytes + content
}

func decodeResponderFrame(_ content: [UInt8]) throws -> ResponderFrame {
    try content.withUnsafeBytes { try ResponderFrame(decoding: $0) }
}

func decodeAggregatorFrame(_ content: [UInt8]) throws -> AggregatorFrame {
    try content.withUnsafeBytes { try AggregatorFrame(decoding: $0) }
}

extension ResponderFrame {
    /// The frame that reads so.
    var encoded: [UInt8] {
        switch self {
        case .hello(let version, let epoch):
            // `encodeHello` knows one version only.
            frame(holding: joined([1], text("ROFP"), version.bytes, epoch?.bytes ?? []))
        case .records(let records):
            if let sent = records.sentMilliseconds {
                Self.encodeRecords(
                    records.bytes[...], count: records.count, sentMilliseconds: sent)
            } else {
                // As version 3 has it.
                frame(holding: [2] + UInt32(records.count).littleEndianBytes + records.bytes)
            }
        case .answers(let entries):
            Self.encodeAnswers(entries)
        case .status(let status):
            Self.encodeStatus(status)
        case .forget(let subjects):
            Self.encodeForget(subjects)
        case .tidy(let tidying):
            Self.encodeTidy(tidying)
        }
    }
}

extension SubjectEpoch {
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(value128: value)
        return bytes
    }
}

extension UInt32 {
    fileprivate var littleEndianBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: self)
        return bytes
    }
}

extension UInt16 {
    fileprivate var bytes: [UInt8] {
        [UInt8(truncatingIfNeeded: self), UInt8(truncatingIfNeeded: self >> 8)]
    }
}
