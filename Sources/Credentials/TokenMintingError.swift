import ConfigurationFile

/// Why no token can be minted for a site.
public enum TokenMintingError: Error, Sendable, Equatable, CustomStringConvertible {
    case noSecret
    case secret(ConfigurationError)
    /// None of HMAC's algorithms is allowed.
    case noAlgorithm
    case algorithmNotAllowed(SignatureAlgorithm)

    public var description: String {
        switch self {
        case .noSecret:
            "the site has no shared secret to sign a token with: name a file under jwt.secret, or sign where the private "
                + "key is"
        case .secret(let error): error.description
        case .noAlgorithm: "jwt.algorithms allows none of HS256, HS384 and HS512, which a shared secret signs with"
        case .algorithmNotAllowed(let algorithm):
            "a token cannot be signed with \(algorithm.rawValue): use one of HS256, HS384 and HS512 that jwt.algorithms "
                + "allows"
        }
    }
}
