import Records
import Testing

@Suite("Ids of records")
struct RecordIDTests {
    @Test("32 hexadecimal digits of either case are an id")
    func hex() {
        #expect(RecordID(hex: "00112233445566778899aabbccddeeff") == Sample.record().id)
        #expect(RecordID(hex: "00112233445566778899AABBCCDDEEFF") == Sample.record().id)
        #expect(RecordID(hex: String(repeating: "0", count: 32)) == RecordID(0))
        #expect(RecordID(hex: String(repeating: "f", count: 32)) == RecordID(.max))
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "0", String(repeating: "0", count: 31), String(repeating: "0", count: 33),
            "+0112233445566778899aabbccddeeff", "-0112233445566778899aabbccddeeff",
            "0x112233445566778899aabbccddeeff", "g0112233445566778899aabbccddeeff",
            " 0112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff",
            // Sixteen digits of two bytes each.
            String(repeating: "٠", count: 16), String(repeating: "٠", count: 32),
        ])
    func notHex(text: String) {
        #expect(RecordID(hex: text) == nil)
    }

    @Test("an id of our own making is another one each time")
    func random() {
        #expect(Set((0..<1000).map { _ in RecordID.random() }).count == 1000)
    }

    @Test("subjects sort as they read")
    func subjects() {
        let high = UInt128(1) << 127
        #expect([high, 2, 0, 1].map(Subject.init).sorted() == [0, 1, 2, high].map(Subject.init))
    }
}

@Suite("Tracking ids")
struct TrackingIDTests {
    @Test(
        "an id is opaque: whatever a cookie may hold, up to 256 bytes",
        arguments: ["a", "TT0123456789ABCD", "!#$%&'()*+-./:<=>?@[]^_`{|}~"])
    func opaque(text: String) throws {
        #expect(try TrackingID(Array(text.utf8)[...]).bytes.elementsEqual(text.utf8))
    }

    @Test("one that is empty, too long, or holds another byte is none, and the fault says which")
    func faults() {
        #expect(throws: TrackingID.Fault.empty) { try TrackingID([]) }
        #expect(throws: TrackingID.Fault.tooLong) { try TrackingID([UInt8](repeating: 0x61, count: 257)[...]) }
        for byte in Array("\" ,;\\".utf8) + [0, 0x1F, 0x7F, 0x80, 0xFF] {
            #expect(throws: TrackingID.Fault.noCookie) { try TrackingID([0x61, byte]) }
        }
    }

    private static func cookie(_ value: String) throws(TrackingID.Fault) -> String {
        String(decoding: try TrackingID(cookieValue: Array(value.utf8)[...]).bytes, as: UTF8.self)
    }

    @Test("a cookie's value in quotes is what stands between them, and any other as it stands")
    func quoted() throws {
        #expect(try Self.cookie(#""TT0123456789ABCD""#) == "TT0123456789ABCD")
        #expect(try Self.cookie("TT0123456789ABCD") == "TT0123456789ABCD")
        #expect(try Self.cookie("\"\(String(repeating: "a", count: 256))\"").utf8.count == 256)
    }

    @Test("nothing in quotes is empty, and a quote that has no other at the other end is no cookie's")
    func misquoted() {
        for empty in ["", #""""#] {
            #expect(throws: TrackingID.Fault.empty) { try Self.cookie(empty) }
        }
        for value in [#"""#, #""a"#, #"a""#, #"""a"""#, #"a"b"#, #""a b""#] {
            #expect(throws: TrackingID.Fault.noCookie) { try Self.cookie(value) }
        }
        #expect(throws: TrackingID.Fault.tooLong) { try Self.cookie("\"\(String(repeating: "a", count: 257))\"") }
    }
}
