import Cryptography
import Testing

@Suite struct SHA256Tests {
    @Test(
        "The examples of FIPS 180-2 come out",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func knownAnswers(text: String, digest: String) {
        #expect(SHA256.hash(of: Array(text.utf8)).bytes.hex == digest)
    }

    @Test("Bytes that come in pieces have the digest that they have at once")
    func pieces() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for _ in 0..<200 {
            var hash = SHA256()
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 0...200))
                piece.withUnsafeBytes { hash.update($0) }
                rest = rest.dropFirst(piece.count)
            }
            #expect(hash.finalize() == SHA256.hash(of: bytes))
        }
    }

    @Test("A copy goes on by itself, and a digest in between changes nothing")
    func copies() {
        var hash = SHA256()
        hash.update(Array("a".utf8))
        var copy = hash
        #expect(hash.finalize() == SHA256.hash(of: Array("a".utf8)))
        hash.update(Array("bc".utf8))
        copy.update(Array("xy".utf8))
        #expect(hash.finalize() == SHA256.hash(of: Array("abc".utf8)))
        #expect(copy.finalize() == SHA256.hash(of: Array("axy".utf8)))
    }

    @Test("A digest is its bytes: it equals and hashes so, and its number is the first 16")
    func digest() {
        let digest = SHA256.hash(of: Array("abc".utf8))
        #expect(digest.first128Bits == 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223)
        #expect(digest.withUnsafeBytes { Array($0) } == digest.bytes)
        #expect(Set([digest, SHA256.hash(of: Array("abc".utf8)), SHA256.hash(of: [])]).count == 2)
    }
}

extension [UInt8] {
    var hex: String {
        map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined()
    }

    init(hex: String) {
        self = stride(from: 0, to: hex.utf8.count, by: 2).compactMap { place in
            UInt8(hex.dropFirst(place).prefix(2), radix: 16)
        }
    }
}
