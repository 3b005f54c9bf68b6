import Cryptography
import Testing

/// Signatures of RFC 7515 and RFC 8037, whole and changed.
@Suite struct PublicKeyTests {
    @Test("The signatures of RFC 7515's appendix A and of RFC 8037's verify", arguments: Example.all)
    func knownAnswers(example: Example) throws {
        let key = try #require(example.key)
        #expect(key.accepts(example.signature, for: example.message, hash: example.hash))
    }

    @Test("The code of RFC 7515's appendix A.1 verifies")
    func secret() {
        let key = bytes(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        let message = Array(("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Example.claims).utf8)
        let code = bytes("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(message.withUnsafeBytes { HMAC(.sha256, key: key).code(of: $0) } == code)
    }

    @Test("A bit changed in the signature or in the message is noticed", arguments: Example.all)
    func tampered(example: Example) throws {
        let key = try #require(example.key)
        for place in stride(from: 0, to: example.signature.count, by: 5) {
            var signature = example.signature
            signature[place] ^= 1 << UInt8(place % 8)
            #expect(!key.accepts(signature, for: example.message, hash: example.hash))
        }
        for place in stride(from: 0, to: example.message.count, by: 9) {
            var message = example.message
            message[place] ^= 1
            #expect(!key.accepts(example.signature, for: message, hash: example.hash))
        }
        #expect(!key.accepts(example.signature, for: [], hash: example.hash))
        #expect(
            key.accepts(example.signature, for: example.message, hash: example.hash), "failures leave nothing behind")
    }

    @Test("A signature of another length is refused", arguments: Example.all)
    func lengths(example: Example) throws {
        let key = try #require(example.key)
        let signature = example.signature
        for wrong in [
            [], [0], Array(signature.dropLast()), Array(signature.dropFirst()), signature + [0], [0] + signature,
            signature + signature,
        ] {
            #expect(!key.accepts(wrong, for: example.message, hash: example.hash), "\(wrong.count) bytes")
        }
    }

    @Test("A signature by another hash is refused", arguments: Example.all.filter { $0.hash != nil })
    func otherHash(example: Example) throws {
        let key = try #require(example.key)
        for hash in [HashFunction.sha256, .sha384, .sha512] where hash != example.hash {
            #expect(!key.accepts(example.signature, for: example.message, hash: hash))
        }
    }

    /// Source of the orders: FIPS 186-4, appendix D.1.2.
    private static let orders: [(example: Example, order: [UInt8])] = [
        (Example.es256, Array(hex: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")),
        (
            Example.es512,
            [0x01] + [UInt8](repeating: 0xFF, count: 32) + [0xFA]
                + Array(hex: "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409")
        ),
    ]

    @Test("Numbers r and s that are zero, or not below the order of the curve, are refused")
    func rangeOfNumbers() throws {
        for (example, order) in Self.orders {
            let key = try #require(example.key)
            let count = order.count
            let (r, s) = (Array(example.signature.prefix(count)), Array(example.signature.suffix(count)))
            let zero = [UInt8](repeating: 0, count: count)
            let largest = [UInt8](repeating: 0xFF, count: count)
            for wrong in [zero, order, Self.sum(order, [1]), largest] {
                #expect(!key.accepts(wrong + s, for: example.message, hash: example.hash))
                #expect(!key.accepts(r + wrong, for: example.message, hash: example.hash))
                #expect(!key.accepts(wrong + wrong, for: example.message, hash: example.hash))
            }
            // The same residues by other numbers, where these still fit: r + n and s + n.
            for (left, right) in [(Self.sum(r, order), s), (r, Self.sum(s, order))]
            where left.count + right.count == 2 * count {
                #expect(!key.accepts(left + right, for: example.message, hash: example.hash))
            }
            #expect(key.accepts(r + s, for: example.message, hash: example.hash))
        }
    }

    /// In bytes of which the most significant comes first; longer than `left` where the sum does not fit.
    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var sum: [UInt8] = []
        var carry = 0
        for place in 0..<left.count {
            let other = place < right.count ? Int(right[right.count - 1 - place]) : 0
            carry += Int(left[left.count - 1 - place]) + other
            sum.append(UInt8(carry & 0xFF))
            carry >>= 8
        }
        return (carry > 0 ? [UInt8(carry)] : []) + sum.reversed()
    }

    /// RFC 8032, section 5.1: the order of Ed25519's base point, the least significant byte first.
    private static let ed25519Order =
        Array(hex: "edd3f55c1a631258d69cf7a2def9de14") + [UInt8](repeating: 0, count: 15) + [0x10]

    @Test("A number S of Ed25519 that is not below the order is refused, although it is the same residue")
    func largeS() throws {
        let example = Example.ed25519
        let key = try #require(example.key)
        let (r, s) = (Array(example.signature.prefix(32)), Array(example.signature.suffix(32)))
        var sum = s
        for multiple in 1...7 {
            sum = Self.sum(sum.reversed(), Self.ed25519Order.reversed()).reversed()
            guard sum.count == 32 else { break }
            #expect(!key.accepts(r + sum, for: example.message, hash: nil), "S and \(multiple) times the order")
        }
        for wrong in [Self.ed25519Order, [UInt8](repeating: 0xFF, count: 32)] {
            #expect(!key.accepts(r + wrong, for: example.message, hash: nil))
        }
    }

    /// The points of order 1, 2, 4 and 8, and in how they are written twice. The order of each was computed from the curve's equation.
    private static let smallOrder: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31),
        Array(hex: "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Array(hex: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F], [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        [0xEE] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
    ]

    @Test("A key of Ed25519 under which anybody can sign is refused: one of small order, in each way to write it")
    func smallOrder() {
        for point in Self.smallOrder {
            for sign in [0, 0x80] as [UInt8] {
                #expect(PublicKey(ed25519: point.dropLast() + [point[31] | sign]) == nil, "\(point[0])")
            }
        }
        for length in [0, 31, 33] { #expect(PublicKey(ed25519: [UInt8](repeating: 9, count: length)) == nil) }
    }

    @Test("Threads may share a key")
    func threads() async throws {
        for example in Example.all {
            let key = try #require(example.key)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for number in 0..<20 {
                            var message = example.message
                            message[0] ^= UInt8(number % 2)
                            let isValid = key.accepts(example.signature, for: message, hash: example.hash)
                            #expect(isValid == (number % 2 == 0))
                        }
                    }
                }
            }
        }
    }
}

extension PublicKey {
    func accepts(_ signature: [UInt8], for message: [UInt8], hash: HashFunction?) -> Bool {
        signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { isValid(signature, for: $0, hash: hash) }
        }
    }
}
