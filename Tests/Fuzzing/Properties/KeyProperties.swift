import ConfigurationFile
import Foundation
import Glibc
import TestSupport

@testable import Credentials
@testable import Cryptography
@testable import JSON

/// What holds of every JWKS file.
final class JWKSProperties {
    private let directory: TemporaryDirectory
    private let path: String
    private let descriptor: CInt

    init() throws {
        directory = try TemporaryDirectory()
        path = "\(directory.path)/jwks"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try hold(descriptor >= 0, "there is a file to read from")
    }

    deinit {
        close(descriptor)
    }

    func check(_ bytes: [UInt8]) throws {
        let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        try hold(written == bytes.count && ftruncate(descriptor, off_t(bytes.count)) == 0, "the file is written")
        let file = KeyFile(path: path, configurationFile: "config.yaml", line: 1)
        let hasSecrets = Self.hasSecrets(bytes)
        let set: JWKSFile
        do throws(ConfigurationError) {
            set = try JWKSFile(file, allowed: [.rs256, .es256, .edDSA, .hs256])
        } catch {
            return try checkWords([error])
        }
        try check(set, hasSecrets)
    }

    private func check(_ set: JWKSFile, _ hasSecrets: Bool) throws {
        try hold(!hasSecrets, "a set with a secret or a private key in it is refused")
        try checkWords(set.warnings)
        let keys = set.keys.named.values.flatMap { $0 } + set.keys.only.map { $0 }
        try hold(!keys.isEmpty, "a set that is read has a key")
        for (algorithm, key) in keys {
            guard case .publicKey(let key, let hash) = key else {
                throw PropertyFailure(description: "does not hold: the keys of a set are public")
            }
            try hold(key.algorithms.contains(algorithm), "a key is of its algorithm's kind")
            try hold(hash == algorithm.hash, "and is used with its hash")
            try hold(!key.isValid([], for: "", hash: hash), "a key takes no empty signature")
        }
    }

    private func checkWords(_ errors: [ConfigurationError]) throws {
        for error in errors {
            try hold(!error.message.contains(SubmissionProperties.marker), "an error does not quote a key")
            try hold(!error.message.unicodeScalars.contains { $0.value < 0x20 }, "an error is one line")
        }
    }

    /// By Foundation's word. Of members that come twice it keeps one or the other, so that such texts say nothing.
    private static func hasSecrets(_ bytes: [UInt8]) -> Bool {
        guard (try? JSONObject(parsing: bytes, depthMax: 32)) != nil,
            let set = JSONProperties.foundation(bytes) as? [String: Any], let keys = set["keys"] as? [Any]
        else { return false }
        return keys.contains { key in
            guard let key = key as? [String: Any] else { return false }
            func has(_ name: String) -> Bool { key[name].map { !($0 is NSNull) } ?? false }
            return key["kty"] as? String == "oct" || has("k") || has("d") || has("priv")
        }
    }
}

/// What holds of every file with a key in PEM, and of the same bytes as DER.
enum PEMProperties {
    static func check(_ bytes: [UInt8]) throws {
        try checkDER(bytes)
        let key: PublicKey
        do throws(KeyFault) {
            key = try PublicKey(pem: bytes)
        } catch {
            try hold(!error.message.contains(SubmissionProperties.marker), "a fault does not quote the file")
            return try hold(!error.message.unicodeScalars.contains { $0.value < 0x20 }, "a fault is one line")
        }
        try check(key, bytes)
    }

    private static func check(_ key: PublicKey, _ bytes: [UInt8]) throws {
        let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }.map { String(decoding: $0, as: UTF8.self) }
        let isPrivate = lines.contains { $0.hasPrefix("-----BEGIN ") && $0.hasSuffix("PRIVATE KEY-----") }
        try hold(!isPrivate, "a file with a private key is refused")
        guard let block = try? PEMBlock.publicKey(of: bytes), let der = block.bytes else {
            throw PropertyFailure(description: "does not hold: a key that is read is in a block")
        }
        try checkDER(der)
        // As whoever writes such files does: in lines of 64.
        let base64 = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        let written = "-----BEGIN \(block.label)-----\n\(base64)\n-----END \(block.label)-----\n"
        guard let again = try? PublicKey(pem: Array(written.utf8)) else {
            // Of a damaged modulus libcrypto finds a factor at one try and not at another (SP 800-56B, section 6.4.2.2).
            if case .rsa = key.kind { return }
            throw PropertyFailure(description: "does not hold: a key that is written anew is read")
        }
        try hold(again.algorithms == key.algorithms, "and is of the same kind")
        try hold((try? PublicKey(pem: bytes + Array("\n\(written)".utf8))) == nil, "two keys are refused")
        try hold(!key.isValid([], for: "", hash: .sha256), "a key takes no empty signature")
    }

    /// There is one way to write a value in DER, and nothing may be missing or left over.
    private static func checkDER(_ bytes: [UInt8]) throws {
        if let info = SubjectPublicKeyInfo(der: bytes) {
            try hold(SubjectPublicKeyInfo(der: bytes + [0]) == nil, "more than one value is refused")
            try hold(SubjectPublicKeyInfo(der: Array(bytes.dropLast())) == nil, "so is less than one")
            try hold(bytes.suffix(info.key.count) == info.key[...], "the key is what stands at the end")
        }
        if let numbers = RSAPublicNumbers(der: bytes) {
            let written = sequence([numbers.modulus, numbers.exponent].map(integer).joined())
            try hold(written == bytes, "an RSA key's numbers are what is written")
        }
    }

    private static func integer(_ number: [UInt8]) -> [UInt8] {
        let digits = number.isEmpty || number[0] & 0x80 != 0 ? [0] + number : number
        return [0x02] + length(digits.count) + digits
    }

    private static func sequence(_ content: some Sequence<UInt8>) -> [UInt8] {
        let content = Array(content)
        return [0x30] + length(content.count) + content
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 0x80 { return [UInt8(count)] }
        let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }.drop { $0 == 0 }
        return [0x80 | UInt8(bytes.count)] + bytes
    }
}

extension PublicKey {
    fileprivate func isValid(_ signature: [UInt8], for message: String, hash: HashFunction?) -> Bool {
        signature.withUnsafeBytes { signature in
            Array(message.utf8).withUnsafeBytes { isValid(signature, for: $0, hash: hash) }
        }
    }
}
