import Records
import Testing

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
