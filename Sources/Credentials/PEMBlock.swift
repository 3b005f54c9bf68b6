import Cryptography
import FoundationEssentials

/// A part of a PEM file (RFC 7468), read as leniently as OpenSSL reads it: lines may have any length and end in any way,
/// spaces at their ends are passed over, and so are a byte order mark and text before, between and after the parts.
struct PEMBlock {
    static let rsaLabel = "RSA PUBLIC KEY"

    let label: String
    /// What the base64 stands for; nil when it is broken, or its end is missing.
    let bytes: [UInt8]?

    /// The only public key among the parts of a file. Tells the usual mix-ups apart; faults continue
    /// `the key file PATH …`.
    static func publicKey(of contents: [UInt8]) throws(KeyFault) -> PEMBlock {
        let blocks = blocks(of: contents)
        if blocks.contains(where: { $0.label.hasSuffix("PRIVATE KEY") }) {
            throw KeyFault(
                "holds a private key where a public one belongs. Keep it where tokens are signed, and write the public "
                    + "one with: openssl pkey -in KEY -pubout")
        }
        let keys = blocks.filter { $0.label == "PUBLIC KEY" || $0.label == rsaLabel }
        guard let key = keys.first else { throw KeyFault(noKey(contents, blocks)) }
        guard keys.count == 1 else {
            throw KeyFault("is not one public key in PEM: it holds \(keys.count). Put several into a JWKS")
        }
        return key
    }

    private static func noKey(_ contents: [UInt8], _ blocks: [PEMBlock]) -> String {
        if blocks.contains(where: { $0.label.hasSuffix("CERTIFICATE") }) {
            return "holds a certificate where a public key belongs. Write the key with: "
                + "openssl x509 -in CERTIFICATE -pubkey -noout"
        }
        let reason =
            if TextEncoding.isUTF16(contents) {
                "it is UTF-16. Save it as ASCII or UTF-8"
            } else if contents.starts(with: "ssh-".utf8) || contents.starts(with: "ecdsa-sha2-".utf8) {
                "it is OpenSSH's. Write it with: ssh-keygen -e -m PKCS8 -f KEY"
            } else if contents.first == 0x30, contents.contains(where: { $0 >= 0x80 }) {
                "it is DER. Write it with: openssl pkey -pubin -inform DER -in KEY"
            } else if contents.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
                "it is JSON. Name a JWKS under jwks"
            } else {
                "it should have a line -----BEGIN PUBLIC KEY-----"
            }
        return "is not one public key in PEM: \(reason)"
    }

    private static func blocks(of contents: [UInt8]) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var open: (label: String, base64: [UInt8])?
        let isLineEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        for line in TextEncoding.withoutByteOrderMark(contents).split(whereSeparator: isLineEnd) {
            let line = line.trimmed
            if let label = line.label(after: "-----BEGIN ") {
                if let open { blocks.append(PEMBlock(label: open.label, bytes: nil)) }
                open = (label, [])
            } else if let ended = open, line.label(after: "-----END ") == ended.label {
                blocks.append(PEMBlock(label: ended.label, bytes: decode(ended.base64)))
                open = nil
            } else {
                open?.base64 += line
            }
        }
        if let open { blocks.append(PEMBlock(label: open.label, bytes: nil)) }
        return blocks
    }

    private static func decode(_ base64: [UInt8]) -> [UInt8]? {
        Data(base64Encoded: Data(base64.filter { $0 > 0x20 })).map { Array($0) }
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces and control characters at either end.
    fileprivate var trimmed: Self {
        let start = firstIndex { $0 > 0x20 } ?? endIndex
        let end = lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? start
        return self[start..<end]
    }

    /// What stands between `prefix` and five hyphens, where the line is made up so.
    fileprivate func label(after prefix: StaticString) -> String? {
        let prefix = "\(prefix)".utf8
        let hyphens = "-----".utf8
        guard count >= prefix.count + hyphens.count, starts(with: prefix), suffix(hyphens.count).elementsEqual(hyphens)
        else {
            return nil
        }
        return String(decoding: dropFirst(prefix.count).dropLast(hyphens.count), as: UTF8.self)
    }
}

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
