import ConfigurationFile

/// All keys of a site, each bound to the algorithms that it fits and that are allowed.
struct KeySet: Sendable {
    let warnings: [ConfigurationError]
    private let allowed: Set<SignatureAlgorithm>
    /// The JWKS's, by `kid` in bytes.
    private let identified: [[UInt8]: [SignatureAlgorithm: VerificationKey]]
    /// The secret's and the public key's. They never contend for an algorithm.
    private let unidentified: [SignatureAlgorithm: VerificationKey]

    /// Reads every key file, and throws what is wrong with each that cannot be used.
    init(_ jwt: JWTConfiguration) async throws(ConfigurationErrors) {
        let allowed = jwt.algorithms
        var reading = KeyFileReading()
        let secret = await reading.read(jwt.secret) { file throws(ConfigurationError) in
            let secret = try SharedSecret(file)
            try Self.checkUse(of: file, secret.keys(for: allowed))
            return secret
        }
        let publicKeys = await reading.read(jwt.publicKey) { file async throws(ConfigurationError) in
            try await Self.publicKeys(file, allowed: allowed)
        }
        let jwks = await reading.read(jwt.jwks) { file async throws(ConfigurationError) in
            try await JWKSFile(file, allowed: allowed)
        }
        guard reading.errors.isEmpty else { throw ConfigurationErrors(reading.errors) }
        self.allowed = allowed
        identified = jwks?.keys ?? [:]
        unidentified = (secret?.keys(for: allowed) ?? [:]).merging(publicKeys ?? [:]) { secret, _ in secret }
        warnings =
            (secret?.warnings(for: allowed) ?? []) + (jwks?.warnings ?? [])
            + [jwt.publicKey, jwt.jwks].flatMap { $0?.permissionWarnings(holdsSecret: false) ?? [] }
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
        _ file: KeyFile, allowed: Set<SignatureAlgorithm>
    ) async throws(ConfigurationError) -> [SignatureAlgorithm: VerificationKey] {
        let contents = try file.contents()
        let keys: [SignatureAlgorithm: VerificationKey]
        do throws(KeyFault) {
            keys = try await PublicKey(pem: contents).keys(for: allowed)
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

    private func checkEveryAlgorithmHasKey(_ jwt: JWTConfiguration) throws(ConfigurationErrors) {
        let usable = identified.values.reduce(into: Set(unidentified.keys)) { $0.formUnion($1.keys) }
        let unusable = allowed.subtracting(usable).map(\.rawValue).sorted().joined(separator: ", ")
        guard !unusable.isEmpty else { return }
        let file = jwt.secret ?? jwt.publicKey ?? jwt.jwks
        let error = ConfigurationError(
            file: file?.configurationFile ?? Configuration.defaultPath, line: file?.line,
            message:
                "jwt.algorithms allows \(unusable), which none of the site's keys fits. Leave it out, or name a key")
        throw ConfigurationErrors([error])
    }
}
