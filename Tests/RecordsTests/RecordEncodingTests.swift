import Records
import Testing

@Suite("Encoding of records")
struct RecordEncodingTests {
    @Test("a record stands byte by byte as described")
    func bytes() {
        let expected = joined(
            [84, 0, 1],
            [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF],
            [0x00, 0x68, 0xE5, 0xCF, 0x8B, 0x01, 0x00, 0x00],
            [0xFF, 0xEE, 0xDD, 0xCC, 0xBB, 0xAA, 0x99, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00],
            [7], text("default"),
            [10, 0], text("article-22"),
            [9, 0], text("graph/1#1"),
            [10, 0], text("REGISTERED"))
        #expect(Sample.record().encoded == expected)
    }

    @Test("an exposure is of another kind and ends before the conversion")
    func exposureBytes() {
        let conversion = Sample.record().encoded
        #expect(Sample.exposure.encoded == [72, 0, 2] + conversion[3..<conversion.count - 12])
    }

    @Test(
        "what is encoded is decoded again",
        arguments: [
            Sample.record(),
            Sample.longest,
            Sample.exposure,
            Sample.record(site: "s", ruleID: "r", outcomeID: "o", conversion: "c"),
            Sample.record(id: 0, timeMilliseconds: .min, subject: 0),
            Sample.record(id: .max, timeMilliseconds: .max, subject: .max),
            Sample.record(timeMilliseconds: -1),
            Sample.record(site: "süd", ruleID: "règle", outcomeID: "結果", conversion: "🎉 bought, \"twice\""),
        ])
    func roundTrip(record: Record) throws {
        #expect(try decode(record.encoded) == [record])
        #expect(try decodeIDs(record.encoded) == [record.id])
    }

    @Test("the longest record has recordBytesMax bytes")
    func longest() {
        #expect(Sample.longest.encoded.count == Limits.recordBytesMax)
    }

    @Test("records stand one after the other, and a record is appended to what is there")
    func several() throws {
        let records = (1...20).map { number in
            Sample.record(id: UInt128(number), ruleID: String(repeating: "r", count: number * 12))
        }
        var bytes: [UInt8] = []
        for record in records { record.encode(into: &bytes) }
        #expect(bytes == records.flatMap(\.encoded))
        #expect(try decode(bytes) == records)
        #expect(try decodeIDs(bytes) == records.map(\.id))
    }

    @Test("no bytes are no records")
    func none() throws {
        #expect(try decode([]).isEmpty)
        #expect(try decodeIDs([]).isEmpty)
    }

    @Test("a reader stands behind the record that it has read")
    func offset() throws {
        let bytes = Sample.record(id: 1).encoded + Sample.record(id: 2).encoded + [0xFF]
        try bytes.withUnsafeBytes { bytes throws in
            var reader = ByteReader(bytes)
            #expect(try Record(from: &reader).id == RecordID(1))
            #expect(reader.offset == Sample.record().encoded.count)
            #expect(try Record(from: &reader).id == RecordID(2))
            #expect(reader.remaining == 1)
        }
    }
}

@Suite("Erasing records")
struct RecordErasingTests {
    @Test("what stands for no record reads as none, under its id")
    func nothing() throws {
        var bytes = Record.nothing(id: RecordID(7))
        #expect(try bytes.withUnsafeBytes { try Record.decodeAll($0) }.isEmpty)
        #expect(try bytes.withUnsafeBytes { try Record.decodeIDs($0) } == [RecordID(7)])
        #expect(try Record.erase([Subject(0)], in: &bytes) == 0)
    }

    private static let records = [
        Sample.record(id: 1, subject: 7), Sample.record(id: 2, subject: 8), Sample.exposure,
        Sample.record(id: 3, subject: 7),
    ]

    @Test("records of the subject read as none, the others and all ids as before")
    func erased() throws {
        var bytes = Self.records.flatMap(\.encoded)
        let count = bytes.count
        #expect(try Record.erase([Subject(7)], in: &bytes) == 2)
        #expect(bytes.count == count)
        #expect(try decode(bytes) == Array(Self.records[1...2]))
        #expect(try decodeIDs(bytes) == Self.records.map(\.id))
        #expect(try Record.erase([Subject(7), Subject(0)], in: &bytes) == 0)
    }

    @Test("nothing but the ids is left of them")
    func zeros() throws {
        var bytes = Sample.record(id: 1, subject: 7).encoded
        _ = try Record.erase([Subject(7)], in: &bytes)
        #expect(bytes.dropFirst(2).allSatisfy { $0 <= 1 })
        #expect(bytes.count { $0 == 1 } == 1)
    }

    @Test("bytes that are cut are refused and stay as they are")
    func cut() {
        var bytes = Array(Self.records.flatMap(\.encoded).dropLast())
        let before = bytes
        #expect(throws: DecodingFault.truncated) { try Record.erase([Subject(7)], in: &bytes) }
        #expect(bytes == before)
    }
}

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
