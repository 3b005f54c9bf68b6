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
        identified = jwks?.named ?? [:]
        only = jwks?.only ?? [:]
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
