import ConfigurationFile
import Cryptography

/// All keys of a site, each bound to the algorithms that it fits and that are allowed.
struct KeySet: Sendable {
    let warnings: [ConfigurationError]
    private let allowed: Set<SignatureAlgorithm>
    /// The JWKS's, by `kid` in bytes.
    private let identified: [[UInt8]: [SignatureAlgorithm: VerificationKey]]
    /// The secret's and the public key's. They never contend for an algorithm.
    private let unidentified: [SignatureAlgorithm: VerificationKey]
    /// The JWKS's only key for an algorithm, where it has just one.
    private let only: [SignatureAlgorithm: VerificationKey]

    /// Reads every key file, and throws what is wrong with each that cannot be used.
    init(_ jwt: JWTConfiguration) throws(ConfigurationErrors) {
        let allowed = jwt.algorithms
        var reading = KeyFileReading()
        let secret = reading.read(jwt.secret) { file throws(ConfigurationError) in
            let secret = try SharedSecret(file)
            try Self.checkUse(of: file, secret.keys(for: allowed))
            return secret
        }
        let publicKeys = reading.read(jwt.publicKey) { file throws(ConfigurationError) in
            try Self.publicKeys(file, allowed: allowed)
        }
        let jwks = reading.read(jwt.jwks) { file throws(ConfigurationError) in
            try JWKSFile(file, allowed: allowed)
        }
        guard reading.errors.isEmpty else { throw ConfigurationErrors(reading.errors) }
        self.allowed = allowed
        identified = jwks?.keys.named ?? [:]
        only = jwks?.keys.only ?? [:]
        unidentified = (secret?.keys(for: allowed) ?? [:]).merging(publicKeys ?? [:]) { secret, _ in secret }
        let withoutKey = try Self.algorithmsWithoutKey(
            jwt,
            usable: identified.values.reduce(into: Set(unidentified.keys).union(only.keys)) { $0.formUnion($1.keys) })
        warnings =
            (secret?.warnings(for: allowed) ?? []) + (jwks?.warnings ?? []) + withoutKey
            + [jwt.publicKey, jwt.jwks].flatMap { $0?.permissionWarnings(holdsSecret: false) ?? [] }
    }

    /// The key that a token's header asks for. A `kid` of the JWKS is final; no `kid`, or an unknown one, means the
    /// secret or the public key, whichever fits. Where neither does, no `kid` means the JWKS's only key that fits.
    func key(for algorithm: SignatureAlgorithm, keyID: String?) throws(CredentialFault) -> VerificationKey {
        guard allowed.contains(algorithm) else { throw .algorithmNotAllowed(algorithm) }
        if let keyID, let keys = identified[Array(keyID.utf8)] {
            guard let key = keys[algorithm] else { throw .algorithmOfAnotherKey(algorithm) }
            return key
        }
        if let key = unidentified[algorithm] { return key }
        guard keyID == nil, let key = only[algorithm] else { throw .noKey(algorithm) }
        return key
    }

    private static func publicKeys(
        _ file: KeyFile, allowed: Set<SignatureAlgorithm>
    ) throws(ConfigurationError) -> [SignatureAlgorithm: VerificationKey] {
        let contents = try file.contents()
        let keys: [SignatureAlgorithm: VerificationKey]
        do throws(KeyFault) {
            keys = try PublicKey(pem: contents).keys(for: allowed)
        } catch {
            throw file.error(error.message)
        }
        try checkUse(of: file, keys)
        return keys
    }

    private static func checkUse(
        of file: KeyFile, _ keys: [SignatureAlgorithm: VerificationKey]
    ) throws(ConfigurationError) {
        guard keys.isEmpty else { return }
        throw file.error("holds a key that fits none of jwt.algorithms. Add its algorithm there, or leave the key out")
    }

    /// Names the algorithms that are allowed without a key for them: an error, but where there is a JWKS a warning, since
    /// what keys that has is for others to say, and changes.
    private static func algorithmsWithoutKey(
        _ jwt: JWTConfiguration, usable: Set<SignatureAlgorithm>
    ) throws(ConfigurationErrors) -> [ConfigurationError] {
        let names = jwt.algorithms.subtracting(usable).map(\.rawValue).sorted().joined(separator: ", ")
        guard !names.isEmpty else { return [] }
        let message = "jwt.algorithms allows \(names), which none of the site's keys fits. Leave it out, or name a key"
        if let file = jwt.jwks {
            return [ConfigurationError(file: file.configurationFile, line: file.line, message: message)]
        }
        let file = jwt.secret ?? jwt.publicKey
        throw ConfigurationErrors([
            ConfigurationError(
                file: file?.configurationFile ?? Configuration.defaultPath, line: file?.line, message: message)
        ])
    }
}

/// Reads a site's key files one after the other, past those that cannot be used, so that every one of them is named.
struct KeyFileReading {
    private(set) var errors: [ConfigurationError] = []

    /// What `body` makes of the file; nil when there is no file, or it cannot be used.
    mutating func read<Value>(
        _ file: KeyFile?, _ body: (KeyFile) throws(ConfigurationError) -> Value
    ) -> Value? {
        guard let file else { return nil }
        do throws(ConfigurationError) {
            return try body(file)
        } catch {
            errors.append(error)
            return nil
        }
    }
}

/// A key bound to one algorithm: it verifies signatures of that kind and no other.
enum VerificationKey: Sendable {
    case secret(SecretKey)
    /// With what the algorithm hashes; nil where that is within the algorithm.
    case publicKey(PublicKey, HashFunction?)

    /// Whether it takes a tenth of a millisecond or more, where a secret takes a microsecond.
    var isDear: Bool {
        if case .publicKey = self { true } else { false }
    }

    func isValid(_ signature: [UInt8], for signed: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .secret(let key): key.isValid(signature, for: signed)
        case .publicKey(let key, let hash):
            signature.withUnsafeBytes { signature in
                signed.withUnsafeBytes { key.isValid(signature, for: $0, hash: hash) }
            }
        }
    }
}

/// A shared secret, bound to one of the HMAC algorithms (RFC 7518, section 3.2).
struct SecretKey: Sendable {
    /// The secret mixed in already; each token starts from a copy.
    private let prepared: HMAC

    /// nil when `algorithm` is not one of HMAC's.
    init?(_ secret: [UInt8], for algorithm: SignatureAlgorithm) {
        switch algorithm {
        case .hs256: prepared = HMAC(.sha256, key: secret)
        case .hs384: prepared = HMAC(.sha384, key: secret)
        case .hs512: prepared = HMAC(.sha512, key: secret)
        default: return nil
        }
    }

    /// The comparison takes the same time wherever the difference lies.
    func isValid(_ signature: [UInt8], for signed: ArraySlice<UInt8>) -> Bool {
        signature.withUnsafeBytes { signature in
            signed.withUnsafeBytes { prepared.isValid(signature, for: $0) }
        }
    }

    func signature(of signed: [UInt8]) -> [UInt8] {
        signed.withUnsafeBytes { prepared.code(of: $0) }
    }
}

/// A site's secret, read from its file: the file's bytes, less one newline at its end.
struct SharedSecret: Sendable {
    /// HMAC's algorithms, with the fewest bytes that RFC 7518, section 3.2, wants a secret to have for each.
    static let bytesMinimum: [(algorithm: SignatureAlgorithm, bytes: Int)] = [(.hs256, 32), (.hs384, 48), (.hs512, 64)]

    let file: KeyFile
    let bytes: [UInt8]
    private let textWarnings: [ConfigurationError]

    init(_ file: KeyFile) throws(ConfigurationError) {
        var bytes = try file.contents()
        textWarnings = file.textWarnings(of: bytes, advice: "Write the file without, unless whoever signs has it too")
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
        }
        guard !bytes.isEmpty else {
            throw file.error("is empty. Put the shared secret in it, such as 64 random bytes")
        }
        guard !TextEncoding.withoutByteOrderMark(bytes).starts(with: "-----BEGIN ".utf8) else {
            throw file.error("holds a PEM key where a shared secret belongs. Name it under publicKey if it is public")
        }
        self.file = file
        self.bytes = bytes
    }

    /// The keys for those of `allowed` that are HMAC's.
    func keys(for allowed: Set<SignatureAlgorithm>) -> [SignatureAlgorithm: VerificationKey] {
        var keys: [SignatureAlgorithm: VerificationKey] = [:]
        for algorithm in allowed {
            keys[algorithm] = SecretKey(bytes, for: algorithm).map { .secret($0) }
        }
        return keys
    }

    /// Short secrets are allowed because sites share them already, but they can be guessed from a single token.
    func warnings(for allowed: Set<SignatureAlgorithm>) -> [ConfigurationError] {
        file.permissionWarnings(holdsSecret: true) + lengthWarnings(for: allowed) + textWarnings
    }

    private func lengthWarnings(for allowed: Set<SignatureAlgorithm>) -> [ConfigurationError] {
        Self.bytesMinimum.filter { allowed.contains($0.algorithm) && bytes.count < $0.bytes }.map { minimum in
            file.error(
                "holds \(bytes.count) bytes, fewer than the \(minimum.bytes) that \(minimum.algorithm.rawValue) should "
                    + "have (RFC 7518): a short secret can be guessed from one token")
        }
    }
}
