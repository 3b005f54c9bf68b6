import Cryptography
import Testing

@Suite struct HMACTests {
    struct Vector: CustomTestStringConvertible {
        /// As RFC 4231 numbers it.
        let number: Int
        let key: [UInt8]
        let message: [UInt8]
        /// With SHA-256, SHA-384 and SHA-512.
        let codes: [String]

        var testDescription: String { "\(number)" }
    }

    @Test("The vectors of RFC 4231 come out", arguments: vectors)
    func knownAnswers(vector: Vector) {
        for (function, code) in zip(Self.functions, vector.codes) {
            let hmac = HMAC(function, key: vector.key)
            #expect(vector.message.withUnsafeBytes { hmac.code(of: $0) }.hex == code)
            #expect(hmac.accepts(Array(hex: code), for: vector.message))
        }
    }

    @Test("A key of each length about a block's gives what the definition gives")
    func keyLengths() {
        let message = Array("message".utf8)
        for count in [0, 1, 63, 64, 65, 127, 128, 129, 300] {
            let key = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
            let code = message.withUnsafeBytes { HMAC(.sha256, key: key).code(of: $0) }
            #expect(code == Self.defined(key: key, message: message), "\(count) bytes")
        }
    }

    @Test("A prepared key is as good after thousands of messages, and on many threads at once")
    func reuse() async {
        let key = Array("a key that is used more than once".utf8)
        let prepared = HMAC(.sha256, key: key)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<500 {
                        let message = Array("\(task) \(String(repeating: "x", count: number))".utf8)
                        let code = message.withUnsafeBytes { prepared.code(of: $0) }
                        #expect(code == Self.defined(key: key, message: message))
                    }
                }
            }
        }
    }

    @Test("A code is valid whole and unchanged alone")
    func tampered() {
        let message = Array("message".utf8)
        for function in Self.functions {
            let hmac = HMAC(function, key: [1, 2, 3])
            let code = message.withUnsafeBytes { hmac.code(of: $0) }
            #expect(code.count == function.digestBytes)
            #expect(hmac.accepts(code, for: message))
            for bit in 0..<(8 * code.count) {
                var wrong = code
                wrong[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(!hmac.accepts(wrong, for: message), "bit \(bit)")
            }
            for wrong in [[], Array(code.dropLast()), Array(code.dropFirst()), code + [0], code + code] {
                #expect(!hmac.accepts(wrong, for: message), "\(wrong.count) bytes")
            }
            #expect(!hmac.accepts(code, for: message + [0]))
            #expect(!HMAC(function, key: [1, 2, 4]).accepts(code, for: message))
        }
    }

    @Test("The number is the code's first 16 bytes")
    func first128Bits() {
        let hmac = HMAC(.sha256, key: Array("Jefe".utf8))
        let number = Array("what do ya want for nothing?".utf8).withUnsafeBytes { hmac.first128Bits(of: $0) }
        #expect(number == 0x5bdc_c146_bf60_754e_6a04_2426_0895_75c7)
    }

    /// RFC 2104's definition, word by word.
    private static func defined(key: [UInt8], message: [UInt8]) -> [UInt8] {
        let short = key.count > 64 ? SHA256.hash(of: key).bytes : key
        let block = short + [UInt8](repeating: 0, count: 64 - short.count)
        let inner = SHA256.hash(of: block.map { $0 ^ 0x36 } + message).bytes
        return SHA256.hash(of: block.map { $0 ^ 0x5C } + inner).bytes
    }

    private static let functions: [HashFunction] = [.sha256, .sha384, .sha512]

    /// All but the fifth, whose codes are cut short.
    private static let vectors = [
        Vector(
            number: 1, key: [UInt8](repeating: 0x0B, count: 20),
            message: Array("Hi There".utf8),
            codes: [
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                    + "faea9ea9076ede7f4af152e8b2fa9cb6",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                    + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ]),
        Vector(
            number: 2, key: Array("Jefe".utf8),
            message: Array("what do ya want for nothing?".utf8),
            codes: [
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                    + "8e2240ca5e69e2c78b3239ecfab21649",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                    + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ]),
        Vector(
            number: 3, key: [UInt8](repeating: 0xAA, count: 20),
            message: [UInt8](repeating: 0xDD, count: 50),
            codes: [
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
                    + "2a5ab39dc13814b94e3ab6e101a34f27",
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                    + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
            ]),
        Vector(
            number: 4, key: Array(1...25),
            message: [UInt8](repeating: 0xCD, count: 50),
            codes: [
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
                "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
                    + "6801dd23c4a7d679ccf8a386c674cffb",
                "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
                    + "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
            ]),
        Vector(
            number: 6, key: [UInt8](repeating: 0xAA, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            codes: [
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                    + "0c2ef6ab4030fe8296248df163f44952",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                    + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
            ]),
        Vector(
            number: 7, key: [UInt8](repeating: 0xAA, count: 131),
            message: Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
                    + "be hashed before being used by the HMAC algorithm.").utf8),
            codes: [
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
                "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
                    + "a678cc31e799176d3860e6110c46523e",
                "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
                    + "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
            ]),
    ]
}

extension HMAC {
    fileprivate func accepts(_ code: [UInt8], for message: [UInt8]) -> Bool {
        code.withUnsafeBytes { code in message.withUnsafeBytes { isValid(code, for: $0) } }
    }
}
