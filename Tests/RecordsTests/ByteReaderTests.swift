import Records
import Testing

@Suite("Reading bytes")
struct ByteReaderTests {
    private static let bytes: [UInt8] = Array(1...32)

    @Test("integers are read least significant byte first, wherever they stand")
    func integers() throws {
        try Self.bytes.withUnsafeBytes { bytes throws in
            var reader = ByteReader(bytes)
            #expect(try reader.integer(UInt8.self) == 0x01)
            #expect(try reader.integer(UInt16.self) == 0x0302)
            #expect(try reader.integer(UInt32.self) == 0x0706_0504)
            #expect(try reader.integer(Int64.self) == 0x0F0E_0D0C_0B0A_0908)
            #expect(reader.offset == 15)
            #expect(reader.remaining == 17)
        }
    }

    @Test("a value of 16 bytes is read most significant byte first")
    func value128() throws {
        try Self.bytes.withUnsafeBytes { bytes throws in
            var reader = ByteReader(bytes)
            _ = try reader.take(3)
            #expect(try reader.value128() == 0x0405_0607_0809_0A0B_0C0D_0E0F_1011_1213)
        }
    }

    @Test("what is appended is read again")
    func appended() throws {
        var bytes: [UInt8] = [0]
        bytes.append(littleEndian: UInt16(0xABCD))
        bytes.append(littleEndian: Int64(-2))
        bytes.append(value128: .max - 1)
        try bytes.withUnsafeBytes { bytes throws in
            var reader = ByteReader(bytes)
            #expect(try reader.integer(UInt8.self) == 0)
            #expect(try reader.integer(UInt16.self) == 0xABCD)
            #expect(try reader.integer(Int64.self) == -2)
            #expect(try reader.value128() == .max - 1)
            #expect(reader.remaining == 0)
        }
    }

    @Test("a read past the end is refused and takes nothing", arguments: 0..<16)
    func pastEnd(count: Int) throws {
        try Self.bytes.prefix(count).withUnsafeBytes { bytes throws in
            var reader = ByteReader(bytes)
            #expect(throws: DecodingFault.truncated) { try reader.value128() }
            #expect(throws: DecodingFault.truncated) { try reader.take(count + 1) }
            #expect(reader.offset == 0)
            if count < 8 { #expect(throws: DecodingFault.truncated) { try reader.integer(Int64.self) } }
            if count < 2 { #expect(throws: DecodingFault.truncated) { try reader.integer(UInt16.self) } }
        }
    }

    @Test("a text may be as long as its limit and no longer")
    func text() throws {
        try Array("abc".utf8).withUnsafeBytes { bytes throws in
            var reader = ByteReader(bytes)
            #expect(throws: DecodingFault.textLength) { try reader.text(3, max: 2) }
            #expect(throws: DecodingFault.textLength) { try reader.text(0, max: 3) }
            #expect(throws: DecodingFault.truncated) { try reader.text(4, max: 4) }
            #expect(try reader.text(3, max: 3) == "abc")
        }
    }
}

@Suite("Texts compared by their bytes")
struct StringBytesTests {
    @Test(
        "are the same when their bytes are, however they read",
        arguments: [
            ("", "", true), ("a", "", false), ("graph/1#1,graph/2#1", "graph/1#1,graph/2#1", true),
            ("graph/1#1,graph/2#1", "graph/1#1,graph/2#2", false), ("short", "shorT", false),
            ("caf\u{E9}", "caf\u{E9}", true), ("caf\u{E9}", "cafe\u{301}", false),
            ("a\u{327}\u{301}", "a\u{301}\u{327}", false),
        ])
    func bytes(left: String, right: String, areSame: Bool) {
        #expect(left.hasBytes(of: right) == areSame)
        #expect(right.hasBytes(of: left) == areSame)
    }
}
