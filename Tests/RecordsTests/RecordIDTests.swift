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
