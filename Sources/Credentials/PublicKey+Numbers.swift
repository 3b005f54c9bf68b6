import Crypto
import CryptoExtras
import JWTKit

/// Keys from the numbers that make them up, in whichever form a file has these.
extension PublicKey {
    static let rsaBitsMin = 2048

    /// The curves of EC keys that are known here, by their names in RFC 7518.
    enum Curve: String {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        var coordinateBytes: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    /// An EC key.
    ///
    /// - Parameter point: In any form of SEC 1, section 2.3.3: uncompressed, compressed, or hybrid.
    init(point: [UInt8], on curve: Curve) throws(KeyFault) {
        switch curve {
        case .p256:
            self = .p256(try Self.key { try ES256PublicKey(backing: Self.point(point, P256.Signing.PublicKey.self)) })
        case .p384:
            self = .p384(try Self.key { try ES384PublicKey(backing: Self.point(point, P384.Signing.PublicKey.self)) })
        case .p521:
            self = .p521(try Self.key { try ES512PublicKey(backing: Self.point(point, P521.Signing.PublicKey.self)) })
        }
    }

    init(ed25519 bytes: [UInt8]) throws(KeyFault) {
        let key = try Self.key { try Curve25519.Signing.PublicKey(rawRepresentation: bytes) }
        self = .ed25519(EdDSA.PublicKey(backing: key))
    }

    /// An RSA key, from its two numbers, the most significant byte first.
    init(modulus: [UInt8], exponent: [UInt8]) throws(KeyFault) {
        let significant = modulus.drop { $0 == 0 }
        let bits = significant.count * 8 - (significant.first?.leadingZeroBitCount ?? 0)
        guard bits >= Self.rsaBitsMin else {
            throw KeyFault("is an RSA key of \(bits) bits. Use one of \(Self.rsaBitsMin) bits or more")
        }
        guard !ROCA.fits(modulus) else {
            throw KeyFault(
                "has the weakness ROCA (CVE-2017-15361), so that its private key can be computed. Make a key by other "
                    + "means than the smart card or TPM that made it")
        }
        self = .rsa(
            try Self.key {
                try JWTKit.Insecure.RSA.PublicKey(backing: _RSA.Signing.PublicKey(n: modulus, e: exponent))
            })
    }

    private static func point<Key: ECDSAPublicKey>(_ bytes: [UInt8], _: Key.Type) throws -> Key {
        switch (bytes.first, bytes.last.map { $0 & 1 }) {
        case (2?, _), (3?, _): try Key(compressedRepresentation: bytes)
        // The hybrid form is the uncompressed one, but that the first byte says the last bit of y as well.
        case (6?, 0?), (7?, 1?): try Key(x963Representation: [4] + bytes.dropFirst())
        default: try Key(x963Representation: bytes)
        }
    }

    private static func key<Key>(_ make: () throws -> Key) throws(KeyFault) -> Key {
        do {
            return try make()
        } catch {
            throw KeyFault("is no key that the cryptographic library accepts. Export it again")
        }
    }
}

/// The mark of RSA keys whose primes were made in the way that CVE-2017-15361 is about: each is a power of 65537 modulo
/// the product of the first primes, and so is what two of them multiply to.
///
/// Source: Nemec, Sýs, Švenda, Klinec, Matyáš, The Return of Coppersmith's Attack, CCS 2017, section 2. Of other keys one
/// in 2²⁷ has the mark.
enum ROCA {
    /// The odd ones of the first 39 primes, which belong to the product at every size of key.
    private static let primes = (3...167).filter { candidate in
        (2..<candidate).allSatisfy { !candidate.isMultiple(of: $0) }
    }

    static func fits(_ modulus: [UInt8]) -> Bool {
        primes.allSatisfy { prime in
            isPower(modulus.reduce(0) { ($0 << 8 | Int($1)) % prime }, modulo: prime)
        }
    }

    /// Whether `residue` is a power of 65537 modulo `prime`.
    private static func isPower(_ residue: Int, modulo prime: Int) -> Bool {
        var power = 1
        repeat {
            if power == residue { return true }
            power = power * 65537 % prime
        } while power != 1
        return false
    }
}
