import ConfigurationFile

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
