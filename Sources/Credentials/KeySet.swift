import ConfigurationFile

/// All keys of a site, each bound to the algorithms that it fits and that are allowed.
struct KeySet: Sendable {
    let warnings: [ConfigurationError]
    private let allowed: Set<SignatureAlgorithm>
    /// The JWKS's, by `kid` in bytes.
    private let identified: [[UInt8]: [SignatureAlgorithm: VerificationKey]]
    /// The secret's and the public key's. They never contend for an algorithm.
    private let unidentified: [SignatureAlgorithm: VerificationKey]

    init(_ jwt: JWTConfiguration) async throws(ConfigurationError) {
        allowed = jwt.algorithms
        let secret = try jwt.secret.map { file throws(ConfigurationError) in try SharedSecret(file) }
        let secretKeys = secret?.keys(for: allowed) ?? [:]
        let publicKeys = try await Self.publicKeys(jwt)
        try Self.checkUse(of: jwt.secret, secretKeys)
        try Self.checkUse(of: jwt.publicKey, publicKeys)
        unidentified = secretKeys.merging(publicKeys) { secret, _ in secret }
        var warnings = secret?.warnings(for: allowed) ?? []
        if let file = jwt.jwks {
            let jwks = try await JWKSFile(file, allowed: allowed)
            identified = jwks.keys
            warnings += jwks.warnings
        } else {
            identified = [:]
        }
        self.warnings = warnings
        try checkEveryAlgorithmHasKey(jwt)
    }

    /// The key that a token's header asks for. A `kid` of the JWKS is final; no `kid`, or an unknown one, means the
    /// secret or the public key, whichever fits.
    func key(for algorithm: SignatureAlgorithm, keyID: String?) throws(CredentialFault) -> VerificationKey {
        guard allowed.contains(algorithm) else { throw .algorithmNotAllowed(algorithm) }
        if let keyID, let keys = identified[Array(keyID.utf8)] {
            guard let key = keys[algorithm] else { throw .algorithmOfAnotherKey(algorithm) }
            return key
        }
        guard let key = unidentified[algorithm] else { throw .noKey(algorithm) }
        return key
    }

    private static func publicKeys(
        _ jwt: JWTConfiguration
    ) async throws(ConfigurationError) -> [SignatureAlgorithm: VerificationKey] {
        guard let file = jwt.publicKey else { return [:] }
        let contents = try file.contents()
        do throws(KeyFault) {
            return try await PublicKey(pem: contents).keys(for: jwt.algorithms)
        } catch {
            throw file.error(error.message)
        }
    }

    private static func checkUse(
        of file: KeyFile?, _ keys: [SignatureAlgorithm: VerificationKey]
    ) throws(ConfigurationError) {
        guard let file, keys.isEmpty else { return }
        throw file.error("holds a key that fits none of jwt.algorithms. Add its algorithm there, or leave the key out")
    }

    private func checkEveryAlgorithmHasKey(_ jwt: JWTConfiguration) throws(ConfigurationError) {
        let usable = identified.values.reduce(into: Set(unidentified.keys)) { $0.formUnion($1.keys) }
        let unusable = allowed.subtracting(usable).map(\.rawValue).sorted().joined(separator: ", ")
        guard !unusable.isEmpty else { return }
        let file = jwt.secret ?? jwt.publicKey ?? jwt.jwks
        throw ConfigurationError(
            file: file?.configurationFile ?? Configuration.defaultPath, line: file?.line,
            message:
                "jwt.algorithms allows \(unusable), which none of the site's keys fits. Leave it out, or name a key")
    }
}
