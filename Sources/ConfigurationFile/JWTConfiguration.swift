/// A site's `jwt` section: its keys, side by side, and what its tokens must say.
public struct JWTConfiguration: Sendable, Equatable {
    /// A shared secret, for HS256, HS384 and HS512: the file's bytes, less one newline at its end.
    public var secret: KeyFile?
    /// A PEM public key.
    public var publicKey: KeyFile?
    /// A JWKS file, whose keys a token's `kid` picks.
    public var jwks: KeyFile?
    /// The algorithms that are allowed at all, each bound to its key's type.
    public var algorithms: Set<SignatureAlgorithm>
    /// Whether a token without `exp` is refused.
    public var requireExpiry: Bool
    public var issuer: String?
    public var audience: String?

    public init(
        secret: KeyFile? = nil, publicKey: KeyFile? = nil, jwks: KeyFile? = nil, algorithms: Set<SignatureAlgorithm>,
        requireExpiry: Bool = false, issuer: String? = nil, audience: String? = nil
    ) {
        self.secret = secret
        self.publicKey = publicKey
        self.jwks = jwks
        self.algorithms = algorithms
        self.requireExpiry = requireExpiry
        self.issuer = issuer
        self.audience = audience
    }
}
