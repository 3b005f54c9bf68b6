import CCrypto
import ConfigurationFile
import Foundation

/// Signs as JWS does (RFC 7518, section 3; RFC 8037). It calls libcrypto by itself and in other ways than the modules under
/// test, which have no private keys and their own HMAC.
enum TestSigner: Sendable {
    struct Failure: Error {}

    case secret([UInt8], digest: String)
    /// The digest is nil for Ed25519, which hashes by itself.
    case key(TestKey, digest: String?)

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch self {
        case .secret(let secret, let digest):
            var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
            var count = 0
            let result = EVP_Q_mac(
                nil, "HMAC", nil, digest, nil, secret, secret.count, message, message.count, &code, code.count, &count)
            guard result != nil else { throw Failure() }
            return Array(code[..<count])
        case .key(let key, let digest):
            let signature = try Self.signature(of: message, key, digest)
            return try key.coordinateBytes.map { try Self.numbers(of: signature, coordinateBytes: $0) } ?? signature
        }
    }

    /// The signature as libcrypto makes it: of EC keys in DER, which JWS has not.
    func signDER(_ message: [UInt8]) throws -> [UInt8] {
        guard case .key(let key, let digest) = self else { throw Failure() }
        return try Self.signature(of: message, key, digest)
    }

    private static func signature(of message: [UInt8], _ key: TestKey, _ digest: String?) throws -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var count = 0
        guard EVP_DigestSignInit_ex(context, nil, digest, nil, nil, key.pointer, nil) == 1,
            EVP_DigestSign(context, nil, &count, message, message.count) == 1
        else { throw Failure() }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else { throw Failure() }
        return Array(signature[..<count])
    }

    /// The numbers r and s of an ECDSA signature, one after the other.
    private static func numbers(of der: [UInt8], coordinateBytes: Int) throws -> [UInt8] {
        let pair = der.withUnsafeBufferPointer { der in
            var next = der.baseAddress
            return d2i_ECDSA_SIG(nil, &next, der.count)
        }
        defer { ECDSA_SIG_free(pair) }
        return try [ECDSA_SIG_get0_r(pair), ECDSA_SIG_get0_s(pair)].flatMap { number in
            try TestKey.bytes(of: number, count: coordinateBytes)
        }
    }
}

/// A private key that `openssl` has made.
final class TestKey: @unchecked Sendable {
    /// In PEM, as PKCS #8 has it.
    let pem: String
    /// The public key in PEM, without a newline at its end.
    let publicPEM: String
    /// How long each number of an EC key's point is; nil for other keys.
    let coordinateBytes: Int?
    /// Nothing changes it, and whoever signs has a context of their own, so that threads may share it.
    fileprivate let pointer: OpaquePointer

    /// - Parameter arguments: Those of `openssl genpkey`.
    init(_ arguments: String..., coordinateBytes: Int? = nil) throws {
        let text = try OpenSSL.run(["genpkey", "-algorithm"] + arguments)
        let publicText = try OpenSSL.run("pkey", "-pubout", input: text)
        let der = [UInt8](try OpenSSL.run("pkey", "-outform", "DER", input: text))
        let pointer = der.withUnsafeBufferPointer { der in
            var next = der.baseAddress
            return d2i_AutoPrivateKey(nil, &next, der.count)
        }
        guard let pointer else { throw TestSigner.Failure() }
        self.pointer = pointer
        self.coordinateBytes = coordinateBytes
        pem = String(decoding: text, as: UTF8.self)
        publicPEM = String(decoding: publicText, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    static func rsa(bits: Int = 2048) throws -> TestKey {
        try TestKey("RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)")
    }

    static func ec(_ curve: String, coordinateBytes: Int) throws -> TestKey {
        try TestKey("EC", "-pkeyopt", "ec_paramgen_curve:\(curve)", coordinateBytes: coordinateBytes)
    }

    static func ed25519() throws -> TestKey {
        try TestKey("ED25519")
    }

    /// A number of the key, such as `n` of RSA and `qx` of EC, the most significant byte first.
    ///
    /// - Parameter count: The length it is to have; nil for as many bytes as it needs.
    func number(_ name: String, count: Int? = nil) throws -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { throw TestSigner.Failure() }
        defer { BN_free(number) }
        return try Self.bytes(of: number, count: count ?? Int(BN_num_bits(number) + 7) / 8)
    }

    /// The public key of Ed25519.
    func raw() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1 else { throw TestSigner.Failure() }
        return bytes
    }

    fileprivate static func bytes(of number: OpaquePointer?, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard BN_bn2binpad(number, &bytes, CInt(count)) == CInt(count) else { throw TestSigner.Failure() }
        return bytes
    }
}

/// Tokens written part by part, so that each part may be wrong.
enum TokenText {
    /// With Foundation's base64, which the module under test does not use.
    static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// What base64url stands for; empty where it is none.
    static func bytes(_ text: String) -> [UInt8] {
        let base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64 + padding).map { [UInt8]($0) } ?? []
    }

    /// A token whose signature verifies, whatever header and claims say.
    static func signed(header: String, claims: String, by signer: TestSigner) throws -> String {
        try signed(parts: base64URL(header.utf8) + "." + base64URL(claims.utf8), by: signer)
    }

    /// The same for header and claims that are encoded already.
    static func signed(parts: String, by signer: TestSigner) throws -> String {
        parts + "." + base64URL(try signer.sign(Array(parts.utf8)))
    }
}
