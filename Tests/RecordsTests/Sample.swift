import Records

/// Records for tests; every part can be chosen.
enum Sample {
    static func record(
        id: UInt128 = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF,
        timeMilliseconds: Int64 = 1_700_000_000_000,
        subject: UInt128 = 0xFFEE_DDCC_BBAA_9988_7766_5544_3322_1100,
        site: String = "default",
        ruleID: String = "article-22",
        outcomeID: String = "graph/1#1",
        conversion: String = "REGISTERED"
    ) -> Record {
        Record(
            id: RecordID(id), timeMilliseconds: timeMilliseconds, subject: Subject(subject), site: site,
            event: .conversion(Conversion(ruleID: ruleID, outcomeID: outcomeID, name: conversion)))
    }

    static let exposure = Record(
        id: RecordID(0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF), timeMilliseconds: 1_700_000_000_000,
        subject: Subject(0xFFEE_DDCC_BBAA_9988_7766_5544_3322_1100), site: "default",
        event: .exposure(Exposure(ruleID: "article-22", outcomeID: "graph/1#1")))

    /// The record whose every text is as long as it may be.
    static let longest = record(
        site: String(repeating: "s", count: Limits.siteBytesMax),
        ruleID: String(repeating: "r", count: Limits.ruleIDBytesMax),
        outcomeID: String(repeating: "o", count: Limits.outcomeIDBytesMax),
        conversion: String(repeating: "c", count: Limits.conversionBytesMax))
}

extension Record {
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}

/// The records that `bytes` consist of.
func decode(_ bytes: [UInt8]) throws -> [Record] {
    try bytes.withUnsafeBytes { try Record.decodeAll($0) }
}

/// The ids of the records that `bytes` consist of.
func decodeIDs(_ bytes: [UInt8]) throws -> [RecordID] {
    try bytes.withUnsafeBytes { try Record.decodeIDs($0) }
}

/// The pieces one after the other.
func joined(_ pieces: [UInt8]...) -> [UInt8] {
    Array(pieces.joined())
}

func text(_ text: String) -> [UInt8] {
    Array(text.utf8)
}
