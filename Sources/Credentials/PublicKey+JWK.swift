import Cryptography
import JSON

extension PublicKey {
    /// Reads the key itself out of a JWK (RFC 7517; RFC 7518, section 6; RFC 8037, section 2).
    init(jwk: JWK) throws(KeyFault) {
        switch (try jwk.requiredText("kty"), try jwk.text("crv")) {
        case ("RSA", _): self = try .rsa(modulus: jwk.bytes("n"), exponent: jwk.bytes("e"))
        case ("EC", let name?):
            guard let curve = Curve(rawValue: name) else { throw KeyFault("is on a curve of no use to JWT here") }
            self = try .ec(point: Self.point(jwk, on: curve), on: curve)
        case ("OKP", "Ed25519"?): self = try .ed25519(jwk.bytes("x"))
        case ("EC", nil), ("OKP", nil): throw KeyFault("lacks the member crv")
        default: throw KeyFault("is of a kind of no use to JWT here, by its kty and crv")
        }
    }

    /// The point in its uncompressed form. Each coordinate has its full length (RFC 7518, section 6.2.1).
    private static func point(_ jwk: JWK, on curve: Curve) throws(KeyFault) -> [UInt8] {
        let x = try jwk.bytes("x")
        let y = try jwk.bytes("y")
        guard x.count == curve.coordinateBytes, y.count == curve.coordinateBytes else {
            throw KeyFault("has coordinates x and y that are not \(curve.coordinateBytes) bytes each")
        }
        return [0x04] + x + y
    }
}

/// The members of a JSON Web Key (RFC 7517, section 4). One that is `null` counts as missing: some who publish keys write
/// every member that they know, whether it has a value or not.
struct JWK {
    private let object: JSONObject

    init(_ value: JSONValue) throws(KeyFault) {
        guard case .object(let object) = value else { throw KeyFault("is not an object") }
        self.object = object
    }

    subscript(member: String) -> JSONValue? {
        switch object[member] {
        case nil, .null?: nil
        case let value?: value
        }
    }

    func text(_ member: String) throws(KeyFault) -> String? {
        switch self[member] {
        case nil: nil
        case .string(let text)?: text
        default: throw KeyFault("has a member \(member) that is not a string")
        }
    }

    func requiredText(_ member: String) throws(KeyFault) -> String {
        guard let text = try text(member) else { throw KeyFault("lacks the member \(member)") }
        return text
    }

    func bytes(_ member: String) throws(KeyFault) -> [UInt8] {
        guard let bytes = Base64URL.decode(Array(try requiredText(member).utf8)[...]), !bytes.isEmpty else {
            throw KeyFault("has a member \(member) that is not base64url without padding")
        }
        return bytes
    }

    /// Whether it is a shared secret, which only its holders may know.
    var isSecret: Bool {
        isOf("oct") || self["k"] != nil
    }

    /// Whether it has a private member (RFC 7518, section 6; RFC 8037; `priv` of the kty AKP).
    var isPrivate: Bool {
        if self["d"] != nil || self["priv"] != nil { return true }
        return isOf("RSA") && ["p", "q", "dp", "dq", "qi", "oth"].contains { self[$0] != nil }
    }

    private func isOf(_ kind: String) -> Bool {
        if case .string(kind)? = self["kty"] { true } else { false }
    }
}
