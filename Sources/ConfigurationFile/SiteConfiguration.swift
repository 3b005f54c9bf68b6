/// One entry of the `sites` section.
public struct SiteConfiguration: Sendable, Equatable {
    /// The origins whose pages may call the endpoint from another site.
    public enum Origins: Sendable, Equatable {
        /// Any origin, said outright.
        case any
        /// Serialised origins in lower case, `https://www.example.com`, or `null`.
        case list(Set<String>)
    }

    /// What a `blaize_session` cookie is worth.
    public enum Session: String, Sendable, Equatable, CaseIterable {
        /// nginx has asked whoever knows, and says so in `SESSION_ANSWER`.
        case nginx
        /// Any non-empty cookie passes.
        case presence
        /// The cookie counts as not presented.
        case off
    }

    /// Which requests are refused where they present no credential.
    public enum CredentialsRequired: String, Sendable, Equatable, CaseIterable {
        case always = "true"
        /// Those for conversions; exposures pass.
        case conversions
        case never = "false"
    }

    /// Whether in-rule analytics is switched on.
    public var analytics: Bool
    public var origins: Origins
    public var credentialsRequired: CredentialsRequired
    /// The credentials that count; others count as not presented.
    public var credentialsAccepted: Set<CredentialScheme>
    public var session: Session
    /// nil when the site has no keys, so that no token can verify.
    public var jwt: JWTConfiguration?
    /// In how many days after a visitor's first exposure a conversion is of it.
    public var windowDays: Int
    /// How many days after a visitor's last event under a rule version the visitor is forgotten there.
    public var retentionDays: Int
    /// By whose days the console tells of it, a name of the tz database; nil for UTC.
    public var timeZone: String?

    public init(
        analytics: Bool = true, origins: Origins, credentialsRequired: CredentialsRequired = .always,
        credentialsAccepted: Set<CredentialScheme> = Set(CredentialScheme.allCases), session: Session = .off,
        jwt: JWTConfiguration? = nil, windowDays: Int = 7, retentionDays: Int = 400, timeZone: String? = nil
    ) {
        self.analytics = analytics
        self.origins = origins
        self.credentialsRequired = credentialsRequired
        self.credentialsAccepted = credentialsAccepted
        self.session = session
        self.jwt = jwt
        self.windowDays = windowDays
        self.retentionDays = retentionDays
        self.timeZone = timeZone
    }
}

/// The six places a credential may stand in, spelt as in `credentials.accept`.
public enum CredentialScheme: String, Sendable, CaseIterable {
    /// The cookie `blaize_session`.
    case session
    /// The query parameter `jwt`.
    case query
    /// The header `X-Blaize-Jwt`.
    case blaizeHeader = "x-blaize-jwt"
    /// The header `X-Zephr-Jwt`.
    case zephrHeader = "x-zephr-jwt"
    /// The header `Authorization: Bearer`.
    case bearer
    /// The cookie `blaize_jwt`.
    case cookie
}

/// A site's `jwt` section: its keys, side by side, and what its tokens must say.
public struct JWTConfiguration: Sendable, Equatable {
    /// A shared secret, for HS256, HS384 and HS512: the file's bytes, less one newline at its end.
    public var secret: KeyFile?
    /// A PEM public key.
    public var publicKey: KeyFile?
    /// A JWKS file, whose keys a token's `kid` picks. It may be one that is fetched.
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

/// A token's `alg`, by its name in RFC 7518 and RFC 8037.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// The name that RFC 9864 gives `EdDSA` with the curve Ed25519, the only one that is known here.
    private static let ed25519 = "Ed25519"

    /// Every name that an algorithm goes by.
    public static let names = allCases.map(\.rawValue) + [ed25519]

    /// The algorithm that a configuration, a key or a token calls `name`; nil when there is none.
    public init?(named name: String) {
        self.init(rawValue: name == Self.ed25519 ? Self.edDSA.rawValue : name)
    }

    /// Whether signing and verifying take the same key, a shared secret.
    var isSymmetric: Bool {
        switch self {
        case .hs256, .hs384, .hs512: true
        case .rs256, .rs384, .rs512, .es256, .es384, .es512, .edDSA: false
        }
    }
}

/// A file that the configuration names for what is in it: a secret or a key.
///
/// Only the path is kept. Whoever needs the contents reads them, so that a process without need of secrets needs no
/// permission either.
public struct KeyFile: Sendable, Equatable {
    public var path: String
    /// Where the configuration names it, for errors.
    public var configurationFile: String
    public var line: Int?
    /// What the configuration names in the file's place: where `rule-outcomes fetch-keys` has its contents from.
    public var source: HTTPSURL?

    public init(path: String, configurationFile: String, line: Int?, source: HTTPSURL? = nil) {
        self.path = path
        self.configurationFile = configurationFile
        self.line = line
        self.source = source
    }
}
