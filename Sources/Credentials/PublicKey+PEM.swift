import SwiftASN1

extension PublicKey {
    /// Reads the one public key of a PEM file: a SubjectPublicKeyInfo (RFC 5280), or PKCS #1 for RSA. Faults continue
    /// `the key file PATH …`.
    init(pem contents: [UInt8]) throws(KeyFault) {
        let block = try PEMBlock.publicKey(of: contents)
        guard let bytes = block.bytes else {
            throw KeyFault("holds a public key whose base64 is broken or cut off. Export it again")
        }
        do throws(KeyFault) {
            self = try block.label == PEMBlock.rsaLabel ? Self(rsa: bytes) : Self(subjectPublicKeyInfo: bytes)
        } catch {
            throw KeyFault("holds a key that \(error.message)")
        }
    }

    /// RSAPublicKey (RFC 8017, section A.1.1).
    private init(rsa der: [UInt8]) throws(KeyFault) {
        let (modulus, exponent) = try Self.reading { () throws -> ([UInt8], [UInt8]) in
            try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
                (Array(try ArraySlice(derEncoded: &nodes)), Array(try ArraySlice(derEncoded: &nodes)))
            }
        }
        try self.init(modulus: modulus, exponent: exponent)
    }

    private init(subjectPublicKeyInfo der: [UInt8]) throws(KeyFault) {
        let info = try Self.reading { try SubjectPublicKeyInfo(der: der) }
        switch info.algorithm {
        case .rsaEncryption: try self.init(rsa: info.key)
        case .rsaPSS:
            throw KeyFault(
                "is for RSA-PSS (id-RSASSA-PSS), as in PS256, and not for RS256, RS384 or RS512. Use an RSA key that is "
                    + "bound to no padding, as made by: openssl genpkey -algorithm RSA")
        case .ecPublicKey:
            guard let name = info.curve else {
                throw KeyFault(
                    "is an EC key with its curve written out. Write it with the curve's name: "
                        + "openssl pkey -pubin -in KEY -ec_param_enc named_curve")
            }
            guard let curve = Self.curves[name] else { throw KeyFault("is on a curve of no use to JWT here. \(kinds)") }
            try self.init(point: info.key, on: curve)
        case .ed25519: try self.init(ed25519: info.key)
        default: throw KeyFault("is of a kind of no use to JWT here. \(kinds)")
        }
    }

    private static let curves: [ASN1ObjectIdentifier: Curve] = [
        "1.2.840.10045.3.1.7": .p256, "1.3.132.0.34": .p384, "1.3.132.0.35": .p521,
    ]

    private static func reading<Value>(_ read: () throws -> Value) throws(KeyFault) -> Value {
        do {
            return try read()
        } catch {
            throw KeyFault("is not written as a public key is. Export it again")
        }
    }
}

/// The kinds of key that there is an algorithm for.
private let kinds = "Keys are RSA of \(PublicKey.rsaBitsMin) bits or more, EC on P-256, P-384 or P-521, or Ed25519"

extension ASN1ObjectIdentifier {
    fileprivate static let rsaEncryption: Self = "1.2.840.113549.1.1.1"
    fileprivate static let rsaPSS: Self = "1.2.840.113549.1.1.10"
    fileprivate static let ecPublicKey: Self = "1.2.840.10045.2.1"
    fileprivate static let ed25519: Self = "1.3.101.112"
}

/// A public key with what it is for (RFC 5280, section 4.1; RFC 5480).
private struct SubjectPublicKeyInfo {
    let algorithm: ASN1ObjectIdentifier
    /// The name of an EC key's curve; nil where the curve is written out instead.
    let curve: ASN1ObjectIdentifier?
    let key: [UInt8]

    init(der: [UInt8]) throws {
        (algorithm, curve, key) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            guard let identifier = nodes.next() else { throw ASN1Error.invalidASN1Object(reason: "no algorithm") }
            let (algorithm, parameters) = try DER.sequence(identifier, identifier: .sequence) { nodes in
                (try ASN1ObjectIdentifier(derEncoded: &nodes), nodes.next())
            }
            let key = try ASN1BitString(derEncoded: &nodes)
            return (algorithm, parameters.flatMap { try? ASN1ObjectIdentifier(derEncoded: $0) }, Array(key.bytes))
        }
    }
}
