import Cryptography

extension PublicKey {
    /// Reads the one public key of a PEM file: a SubjectPublicKeyInfo (RFC 5280), or PKCS #1 for RSA. Faults continue
    /// `the key file PATH …`.
    init(pem contents: [UInt8]) throws(KeyFault) {
        let block = try PEMBlock.publicKey(of: contents)
        guard let bytes = block.bytes else {
            throw KeyFault("holds a public key whose base64 is broken or cut off. Export it again")
        }
        do throws(KeyFault) {
            self = try block.label == PEMBlock.rsaLabel ? .rsa(der: bytes) : .key(subjectPublicKeyInfo: bytes)
        } catch {
            throw KeyFault("holds a key that \(error.message)")
        }
    }

    private static func rsa(der: [UInt8]) throws(KeyFault) -> PublicKey {
        guard let numbers = RSAPublicNumbers(der: der) else { throw notWritten }
        return try rsa(modulus: numbers.modulus, exponent: numbers.exponent)
    }

    private static func key(subjectPublicKeyInfo der: [UInt8]) throws(KeyFault) -> PublicKey {
        guard let info = SubjectPublicKeyInfo(der: der) else { throw notWritten }
        switch info.algorithm {
        case .rsa: return try rsa(der: info.key)
        case .rsaPSS:
            throw KeyFault(
                "is for RSA-PSS (id-RSASSA-PSS), as in PS256, and not for RS256, RS384 or RS512. Use an RSA key that is "
                    + "bound to no padding, as made by: openssl genpkey -algorithm RSA")
        case .ec(let curve): return try ec(point: info.key, on: curve)
        case .ecWithoutCurveName:
            throw KeyFault(
                "is an EC key with its curve written out. Write it with the curve's name: "
                    + "openssl pkey -pubin -in KEY -ec_param_enc named_curve")
        case .ecOnOtherCurve: throw KeyFault("is on a curve of no use to JWT here. \(kinds)")
        case .ed25519: return try ed25519(info.key)
        case .other: throw KeyFault("is of a kind of no use to JWT here. \(kinds)")
        }
    }

    private static let notWritten = KeyFault("is not written as a public key is. Export it again")
}

/// The kinds of key that there is an algorithm for.
private let kinds = "Keys are RSA of \(PublicKey.rsaBitsMin) bits or more, EC on P-256, P-384 or P-521, or Ed25519"
