import Crypto
import CryptoExtras
import JSON
import JWTKit

extension PublicKey {
    /// Reads the key itself out of a JWK (RFC 7517; RFC 7518, section 6; RFC 8037, section 2); nil when it is of a kind
    /// that no algorithm here uses.
    init?(jwk: JSONObject) throws(KeyFault) {
        switch (try Self.text("kty", of: jwk), try Self.optionalText("crv", of: jwk)) {
        case ("RSA", _): self = .rsa(try Self.rsa(jwk))
        case ("EC", "P-256"?):
            let point = try Self.point(jwk, coordinateBytes: 32)
            let key = try Self.key { try P256.Signing.PublicKey(x963Representation: point) }
            self = .p256(try Self.key { try ES256PublicKey(backing: key) })
        case ("EC", "P-384"?):
            let point = try Self.point(jwk, coordinateBytes: 48)
            let key = try Self.key { try P384.Signing.PublicKey(x963Representation: point) }
            self = .p384(try Self.key { try ES384PublicKey(backing: key) })
        case ("EC", "P-521"?):
            let point = try Self.point(jwk, coordinateBytes: 66)
            let key = try Self.key { try P521.Signing.PublicKey(x963Representation: point) }
            self = .p521(try Self.key { try ES512PublicKey(backing: key) })
        case ("OKP", "Ed25519"?):
            let x = try Self.bytes("x", of: jwk)
            let key = try Self.key { try Curve25519.Signing.PublicKey(rawRepresentation: x) }
            self = .ed25519(EdDSA.PublicKey(backing: key))
        default: return nil
        }
    }

    static func text(_ member: String, of jwk: JSONObject) throws(KeyFault) -> String {
        guard let text = try optionalText(member, of: jwk) else { throw KeyFault("lacks the member \(member)") }
        return text
    }

    static func optionalText(_ member: String, of jwk: JSONObject) throws(KeyFault) -> String? {
        switch jwk[member] {
        case nil: nil
        case .string(let text)?: text
        default: throw KeyFault("has a member \(member) that is not a string")
        }
    }

    private static func rsa(_ jwk: JSONObject) throws(KeyFault) -> JWTKit.Insecure.RSA.PublicKey {
        let modulus = try bytes("n", of: jwk)
        let exponent = try bytes("e", of: jwk)
        let significant = modulus.drop { $0 == 0 }
        let bits = significant.count * 8 - (significant.first?.leadingZeroBitCount ?? 0)
        guard bits >= rsaBitsMin else {
            throw KeyFault("is an RSA key of \(bits) bits. Use one of \(rsaBitsMin) bits or more")
        }
        return try key {
            try JWTKit.Insecure.RSA.PublicKey(backing: _RSA.Signing.PublicKey(n: modulus, e: exponent))
        }
    }

    /// A point in the uncompressed form of SEC 1. Each coordinate has its full length (RFC 7518, section 6.2.1).
    private static func point(_ jwk: JSONObject, coordinateBytes: Int) throws(KeyFault) -> [UInt8] {
        let x = try bytes("x", of: jwk)
        let y = try bytes("y", of: jwk)
        guard x.count == coordinateBytes, y.count == coordinateBytes else {
            throw KeyFault("has coordinates x and y that are not \(coordinateBytes) bytes each")
        }
        return [0x04] + x + y
    }

    private static func bytes(_ member: String, of jwk: JSONObject) throws(KeyFault) -> [UInt8] {
        guard let bytes = Base64URL.decode(Array(try text(member, of: jwk).utf8)[...]), !bytes.isEmpty else {
            throw KeyFault("has a member \(member) that is not canonical base64url")
        }
        return bytes
    }

    private static func key<Key>(_ make: () throws -> Key) throws(KeyFault) -> Key {
        do {
            return try make()
        } catch {
            throw KeyFault("is no key that the cryptographic library accepts. Export it again")
        }
    }
}
