import CryptoExtras
import JWTKit

extension PublicKey {
    /// Reads one public key in PEM: a SubjectPublicKeyInfo (RFC 5280), or PKCS #1 for RSA.
    init(pem bytes: [UInt8]) throws(KeyFault) {
        let text = String(decoding: bytes, as: UTF8.self)
        try Self.checkLabels(in: text)
        // Each reader takes keys of its own kind alone, so that at most one of them succeeds.
        if let key = try? ES256PublicKey(pem: text) {
            self = .p256(key)
        } else if let key = try? ES384PublicKey(pem: text) {
            self = .p384(key)
        } else if let key = try? ES512PublicKey(pem: text) {
            self = .p521(key)
        } else if let key = try? EdDSA.PublicKey(pem: text) {
            self = .ed25519(key)
        } else {
            self = .rsa(try Self.rsa(pem: text))
        }
    }

    private static func rsa(pem text: String) throws(KeyFault) -> JWTKit.Insecure.RSA.PublicKey {
        if let key = try? JWTKit.Insecure.RSA.PublicKey(pem: text) {
            return key
        }
        // This reader takes keys from 1024 bits, which is how a short key is told from no key.
        if let short = try? _RSA.Signing.PublicKey(unsafePEMRepresentation: text) {
            throw KeyFault("holds an RSA key of \(short.keySizeInBits) bits. Use one of \(rsaBitsMin) bits or more")
        }
        throw KeyFault(
            "holds no public key that can be used. Keys are RSA of \(rsaBitsMin) bits or more, EC on P-256, P-384 or "
                + "P-521, or Ed25519")
    }

    /// Tells the usual mix-ups apart by the labels of RFC 7468.
    private static func checkLabels(in text: String) throws(KeyFault) {
        let labels = labels(in: text)
        if labels.contains(where: { $0.hasSuffix("PRIVATE KEY") }) {
            throw KeyFault(
                "holds a private key where a public one belongs. Keep it where tokens are signed, and write the public "
                    + "one with: openssl pkey -in KEY -pubout")
        }
        if labels.contains("CERTIFICATE") {
            throw KeyFault(
                "holds a certificate where a public key belongs. Write the key with: "
                    + "openssl x509 -in CERTIFICATE -pubkey -noout")
        }
        guard labels == ["PUBLIC KEY"] || labels == ["RSA PUBLIC KEY"] else {
            throw KeyFault("is not one public key in PEM. It should begin with -----BEGIN PUBLIC KEY-----")
        }
    }

    private static func labels(in text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("-----BEGIN ") }
            .map { line in line.dropFirst("-----BEGIN ".count).prefix { $0 != "-" } }
    }
}
