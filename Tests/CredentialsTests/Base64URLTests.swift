import Testing

@testable import Credentials

@Suite struct Base64URLTests {
    @Test(
        "The vectors of RFC 4648 decode and encode, less their padding",
        arguments: [
            ("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ])
    func vectors(text: String, plain: String) {
        #expect(Base64URL.decode(Array(text.utf8)[...]) == Array(plain.utf8))
        #expect(Base64URL.encode(plain.utf8) == text)
    }

    @Test("The URL-safe alphabet is used")
    func alphabet() {
        #expect(Base64URL.decode(Array("-_-_".utf8)[...]) == [0xFB, 0xFF, 0xBF])
        #expect(Base64URL.encode([0xFB, 0xFF, 0xBF]) == "-_-_")
    }

    @Test(
        "What is not the canonical spelling is refused",
        arguments: [
            "Zg==", "Zm8=", "=", "Z", "Zm9vY", "+/+/", "Zm 9v", "Zm9v\n", " Zm9v", "\tZm9v", "Zm9v.", "Zm9v\u{0}", "Zé",
            "Zh", "Zm9", "Zm9vYh", "Zm9vYmF", "Z/", "_/__",
        ])
    func notCanonical(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)[...]) == nil)
    }

    @Test("Of all texts of up to three characters, each decodes to bytes that encode to it, or is refused")
    func oneSpelling() {
        let characters = Array("ABQgwxyz019-_=+/ ".utf8)
        var texts: [[UInt8]] = [[]]
        for _ in 0..<3 {
            texts += texts.flatMap { text in characters.map { text + [$0] } }
        }
        for text in texts {
            guard let bytes = Base64URL.decode(text[...]) else { continue }
            #expect(Array(Base64URL.encode(bytes).utf8) == text)
        }
    }

    @Test("Every length of bytes survives encoding and decoding")
    func roundTrip() {
        for count in 0..<100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
            #expect(Base64URL.decode(Array(Base64URL.encode(bytes).utf8)[...]) == bytes)
        }
    }
}
