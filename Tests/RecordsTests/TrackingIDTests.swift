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
}
