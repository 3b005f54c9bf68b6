import Cryptography
import Testing

/// What is a key, and what is none.
@Suite struct KeyReadingTests {
    private let x = Example.es256Point.x
    private let y = Example.es256Point.y
    private let modulus = bytes(Example.modulus)

    @Test("A point is read in each form of SEC 1, when the form is true")
    func pointForms() throws {
        let last = (y.last ?? 0) & 1
        for form in [[4] + x + y, [2 + last] + x, [6 + last] + x + y] {
            let key = try #require(PublicKey(point: form, on: .p256))
            #expect(key.accepts(Example.es256.signature, for: Example.es256.message, hash: .sha256))
        }
        // The other point with this x, which is a key, but another.
        let other = try #require(PublicKey(point: [3 - last] + x, on: .p256))
        #expect(!other.accepts(Example.es256.signature, for: Example.es256.message, hash: .sha256))
        for wrong in [[7 - last] + x + y, [5] + x + y, [4] + x, [2] + x + y, x + y, [4] + x + y + [0], [0], []] {
            #expect(PublicKey(point: wrong, on: .p256) == nil, "\(wrong.count) bytes, the first \(wrong.first ?? 0)")
        }
    }

    @Test("A point off its curve, or of another curve, is no key")
    func pointsOffTheCurve() {
        for place in 0..<32 {
            var wrong = y
            wrong[place] ^= 1
            #expect(PublicKey(point: [4] + x + wrong, on: .p256) == nil)
        }
        let ones = [UInt8](repeating: 0xFF, count: 32)
        for wrong in [[4] + ones + ones, [2] + ones, [4] + [UInt8](repeating: 0, count: 64)] {
            #expect(PublicKey(point: wrong, on: .p256) == nil)
        }
        #expect(PublicKey(point: [4] + x + y, on: .p384) == nil)
        #expect(PublicKey(point: [4] + x + y, on: .p521) == nil)
    }

    @Test("An RSA key has an odd modulus without small factors, and an odd exponent from 3 to 33 bits")
    func rsaNumbers() {
        for exponent in [[3], [1, 0, 1], [0, 0, 1, 0, 1], [1, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            #expect(PublicKey(modulus: modulus, exponent: exponent) != nil, "\(exponent)")
        }
        for exponent in [[], [0], [1], [2], [1, 0, 0], [2, 0, 0, 0, 1], modulus] as [[UInt8]] {
            #expect(PublicKey(modulus: modulus, exponent: exponent) == nil, "\(exponent)")
        }
        var even = modulus
        even[even.count - 1] &= 0xFE
        for wrong in [even, [], [0], [1], [UInt8](repeating: 0xFF, count: 256)] {
            #expect(PublicKey(modulus: wrong, exponent: [1, 0, 1]) == nil)
        }
        #expect(PublicKey(modulus: [0, 0] + modulus, exponent: [1, 0, 1]) != nil)
    }

    @Test("An Ed25519 key has 32 bytes")
    func ed25519() {
        for count in [0, 31, 33, 64] {
            #expect(PublicKey(ed25519: [UInt8](repeating: 1, count: count)) == nil)
        }
    }

    /// RFC 8410, section 10.1.
    private static let ed25519DER: [UInt8] = bytes("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE")

    @Test("A SubjectPublicKeyInfo is read, and nothing that differs from one in its length or its first bytes")
    func subjectPublicKeyInfo() {
        let der = Self.ed25519DER
        let info = SubjectPublicKeyInfo(der: der)
        #expect(info?.algorithm == .ed25519)
        #expect(info?.key == Array(der.suffix(32)))
        for count in 0..<der.count {
            #expect(SubjectPublicKeyInfo(der: Array(der.prefix(count))) == nil, "cut to \(count) bytes")
        }
        for wrong in [der + [0], der + der, [0x31] + der.dropFirst(), [0x30, 0x81] + der.dropFirst()] {
            #expect(SubjectPublicKeyInfo(der: wrong) == nil)
        }
        // BER, of a length that is only found at the end.
        #expect(SubjectPublicKeyInfo(der: [0x30, 0x80] + der.dropFirst(2) + [0, 0]) == nil)
    }

    @Test("An RSAPublicKey is read, and nothing that differs from one in its length or its form")
    func rsaPublicKey() {
        let numbers: [UInt8] = [0x02, 0x02, 0x00, 0xC1, 0x02, 0x01, 0x03]
        let der = [0x30, UInt8(numbers.count)] + numbers
        #expect(RSAPublicNumbers(der: der)?.modulus == [0xC1])
        #expect(RSAPublicNumbers(der: der)?.exponent == [3])
        for count in 0..<der.count {
            #expect(RSAPublicNumbers(der: Array(der.prefix(count))) == nil, "cut to \(count) bytes")
        }
        for wrong: [UInt8] in [
            der + [0],
            // A negative modulus, one with a zero too many, a third number.
            [0x30, 0x06, 0x02, 0x01, 0xC1, 0x02, 0x01, 0x03],
            [0x30, 0x07, 0x02, 0x02, 0x00, 0x41, 0x02, 0x01, 0x03],
            [0x30, 0x0A] + numbers + [0x02, 0x01, 0x05],
            [0x30, 0x80] + numbers + [0, 0],
        ] {
            #expect(RSAPublicNumbers(der: wrong) == nil)
        }
    }

    @Test("Random bytes, and keys with a byte changed, are read or refused")
    func noise() {
        for _ in 0..<2000 {
            var der = Self.ed25519DER
            der[Int.random(in: 0..<der.count)] = UInt8.random(in: .min ... .max)
            _ = SubjectPublicKeyInfo(der: der)
            let random = (0..<Int.random(in: 0..<80)).map { _ in UInt8.random(in: .min ... .max) }
            _ = SubjectPublicKeyInfo(der: random)
            _ = RSAPublicNumbers(der: random)
            _ = PublicKey(point: random, on: .p384)
            _ = PublicKey(ed25519: random)
        }
    }
}
