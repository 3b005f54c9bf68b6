import ConfigurationFile

/// What a request presents, found by whoever knows where credentials stand.
public struct PresentedCredentials: Sendable {
    /// A JWT and the place it stood in.
    public struct Token: Sendable {
        public var scheme: CredentialScheme
        /// Empty counts as not presented: a site clears a cookie that way.
        public var bytes: [UInt8]

        public init(scheme: CredentialScheme, bytes: [UInt8]) {
            self.scheme = scheme
            self.bytes = bytes
        }
    }

    /// Whether there is a `blaize_session` cookie that is not empty.
    public var sessionCookiePresent: Bool
    /// nginx's `SESSION_ANSWER`: `verified`, `refused`, `unavailable`, or empty.
    public var sessionAnswer: String
    /// Whether there is an `Authorization` that holds no Bearer token.
    public var hasOtherAuthorization: Bool
    /// In the order in which they are to be looked at.
    public var tokens: [Token]

    public init(
        sessionCookiePresent: Bool = false, sessionAnswer: String = "", hasOtherAuthorization: Bool = false,
        tokens: [Token] = []
    ) {
        self.sessionCookiePresent = sessionCookiePresent
        self.sessionAnswer = sessionAnswer
        self.hasOtherAuthorization = hasOtherAuthorization
        self.tokens = tokens
    }
}
