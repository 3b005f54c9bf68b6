import Records
import TestSupport
import Testing

@Suite("Refusal of bytes that are no record")
struct RecordRefusalTests {
    /// Where the lengths stand in the encoded sample.
    private enum At {
        static let kind = 2
        static let siteLength = 43
        static let site = 44
        static let ruleLength = 51
        static let outcomeLength = 63
        static let conversionLength = 74
    }

    @Test("a record that is cut at any byte is refused", arguments: [Sample.record(), Sample.longest])
    func truncated(record: Record) {
        let bytes = record.encoded
        for count in 1..<bytes.count {
            #expect(throws: DecodingFault.truncated) { try decode(Array(bytes.prefix(count))) }
            #expect(throws: DecodingFault.truncated) { try decodeIDs(Array(bytes.prefix(count))) }
        }
    }

    @Test("a record whose size shrinks with it is refused at any byte")
    func shortened() {
        let bytes = Sample.record().encoded
        for size in 0..<bytes.count - 2 {
            let shortened = [UInt8(size), 0] + bytes[2..<2 + size]
            #expect(throws: DecodingFault.truncated) { try decode(shortened) }
        }
        for size in 0..<17 {
            #expect(throws: DecodingFault.truncated) { try decodeIDs([UInt8(size), 0] + bytes[2..<2 + size]) }
        }
    }

    @Test(
        "a length with any bit flipped is refused",
        arguments: [
            0, 1, At.siteLength, At.ruleLength, At.ruleLength + 1, At.outcomeLength, At.outcomeLength + 1,
            At.conversionLength, At.conversionLength + 1,
        ])
    func flippedLength(offset: Int) {
        for bit in 0..<8 {
            var bytes = Sample.record().encoded + Sample.record().encoded
            bytes[offset] ^= 1 << bit
            #expect(throws: DecodingFault.self) { try decode(bytes) }
        }
    }

    @Test("a record of a kind that is not known is refused by its number", arguments: [0, 3, 255] as [UInt8])
    func unknownKind(kind: UInt8) {
        var bytes = Sample.record().encoded
        bytes[At.kind] = kind
        bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(throws: DecodingFault.unknownKind(kind)) { try Record(from: &reader) }
        }
    }

    @Test("a byte that is left over within a record is refused")
    func trailing() {
        var bytes = Sample.record().encoded + [0]
        bytes[0] += 1
        #expect(throws: DecodingFault.trailing) { try decode(bytes) }
    }

    @Test(
        "a text that is empty is refused",
        arguments: [
            Sample.record(site: ""), Sample.record(ruleID: ""), Sample.record(outcomeID: ""),
            Sample.record(conversion: ""),
        ])
    func emptyText(record: Record) {
        #expect(throws: DecodingFault.textLength) { try decode(record.encoded) }
    }

    @Test(
        "a text one byte over its limit is refused",
        arguments: [
            Sample.record(site: String(repeating: "x", count: Limits.siteBytesMax + 1)),
            Sample.record(ruleID: String(repeating: "x", count: Limits.ruleIDBytesMax + 1)),
            Sample.record(outcomeID: String(repeating: "x", count: Limits.outcomeIDBytesMax + 1)),
            Sample.record(conversion: String(repeating: "x", count: Limits.conversionBytesMax + 1)),
            // The limits count bytes, not characters.
            Sample.record(ruleID: String(repeating: "é", count: Limits.ruleIDBytesMax / 2 + 1)),
        ])
    func longText(record: Record) {
        #expect(throws: DecodingFault.textLength) { try decode(record.encoded) }
    }

    @Test("a control character in a text is refused", arguments: Array(0x00...0x1F) + [0x7F] as [UInt8])
    func controlCharacter(byte: UInt8) {
        for offset in [At.site, At.ruleLength + 2, At.outcomeLength + 2, At.conversionLength + 2] {
            var bytes = Sample.record().encoded
            bytes[offset] = byte
            #expect(throws: DecodingFault.notText) { try decode(bytes) }
        }
    }

    @Test(
        "a text that is not UTF-8 is refused",
        arguments: [
            [0xFF, 0x41, 0x41], [0x80, 0x41, 0x41], [0xC0, 0xAF, 0x41], [0xED, 0xA0, 0x80], [0xE2, 0x82, 0x41],
        ] as [[UInt8]])
    func notUTF8(text: [UInt8]) {
        var bytes = Sample.record().encoded
        bytes.replaceSubrange(At.site..<At.site + 3, with: text)
        #expect(throws: DecodingFault.notText) { try decode(bytes) }
    }

    @Test("whatever is decoded encodes to the same bytes again", arguments: [1, 2, 3] as [UInt64])
    func mutated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = Sample.record().encoded + Sample.record(site: "süd").encoded
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            // A record whose kind became that of an erased one is passed over.
            guard let records = try? decode(bytes), try decodeIDs(bytes).count == records.count else { continue }
            #expect(records.flatMap(\.encoded) == bytes, "seed \(seed)")
        }
    }
}
