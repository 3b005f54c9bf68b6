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

    public init(
        analytics: Bool = true, origins: Origins, credentialsRequired: CredentialsRequired = .always,
        credentialsAccepted: Set<CredentialScheme> = Set(CredentialScheme.allCases), session: Session = .off,
        jwt: JWTConfiguration? = nil, windowDays: Int = 7, retentionDays: Int = 400
    ) {
        self.analytics = analytics
        self.origins = origins
        self.credentialsRequired = credentialsRequired
        self.credentialsAccepted = credentialsAccepted
        self.session = session
        self.jwt = jwt
        self.windowDays = windowDays
        self.retentionDays = retentionDays
    }
}
