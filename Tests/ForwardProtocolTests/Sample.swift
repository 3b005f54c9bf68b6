import ForwardProtocol
import Records

/// Records, and frames of every type, for tests.
enum Sample {
    static func record(_ number: UInt128) -> [UInt8] {
        var bytes: [UInt8] = []
        let conversion = Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED")
        Record(
            id: RecordID(number), timeMilliseconds: 1_700_000_000_000, subject: Subject(number << 64), site: "default",
            conversion: conversion
        ).encode(into: &bytes)
        return bytes
    }

    static func records(_ numbers: ClosedRange<UInt128>) -> [UInt8] {
        let records = numbers.map(record)
        return ResponderFrame.encodeRecords(records, count: records.count, byteCount: records.joined().count)
    }

    static let tally = [
        TallyEntry(kind: TallyEntry.Kind(site: "default", status: 201, reason: "durable"), count: 1_000),
        TallyEntry(kind: TallyEntry.Kind(site: "-", status: 500, reason: "site"), count: .max),
    ]

    static let status = ResponderStatus(
        timeMilliseconds: 1_700_000_000_000, figures: [.recordsInFlight: 7, .reloadsFailed: 258])

    static let responderFrames = [
        ResponderFrame.encodeHello(), records(1...3), ResponderFrame.encodeTally(tally),
        ResponderFrame.encodeStatus(status),
    ]

    static let aggregatorFrames: [AggregatorFrame] = [
        .welcome(version: 1, inFlightMax: 65_536), .committed(3), .refused(2, .journalFull),
        .refused(.max, .journalFull),
        .closing(reason: "a frame is empty"),
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

/// The pieces one after the other.
func joined(_ pieces: [UInt8]...) -> [UInt8] {
    Array(pieces.joined())
}

func text(_ text: String) -> [UInt8] {
    Array(text.utf8)
}

extension ResponderFrame {
    /// The frame that reads so.
    var encoded: [UInt8] {
        switch self {
        case .hello(let version):
            // `encodeHello` knows one version only.
            version == ForwardProtocol.version
                ? Self.encodeHello() : frame(holding: joined([1], text("ROFP"), version.bytes))
        case .records(let records):
            Self.encodeRecords([records.bytes], count: records.count, byteCount: records.bytes.count)
        case .tally(let entries):
            Self.encodeTally(entries)
        case .status(let status):
            Self.encodeStatus(status)
        }
    }
}

extension UInt16 {
    fileprivate var bytes: [UInt8] {
        [UInt8(truncatingIfNeeded: self), UInt8(truncatingIfNeeded: self >> 8)]
    }
}
