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
