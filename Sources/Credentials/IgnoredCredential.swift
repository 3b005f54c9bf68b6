import ConfigurationFile

/// Something that came with a request as a credential and counts as not presented on this site. Told to whoever sent it,
/// who may wonder why it does not help.
public enum IgnoredCredential: Hashable, Sendable, CustomStringConvertible {
    case sessionOff
    /// nginx asked nobody about the cookie: it did not see one, or is not set up to ask.
    case sessionNotAsked
    /// `credentials.accept` leaves it out.
    case notAccepted(CredentialScheme)
    /// `Authorization: Basic`, or `Bearer` with nothing after it.
    case otherAuthorization

    /// In plain words, without quotation marks and backslashes, so that it may stand in an `error_description` (RFC 6750,
    /// section 3).
    public var description: String {
        switch self {
        case .sessionOff: "a session cookie came, but sessions are off for this site"
        case .sessionNotAsked: "a session cookie came, but nginx asked nobody what it is worth"
        case .notAccepted(let scheme): "\(scheme.placed) came, but this site does not accept it there"
        case .otherAuthorization: "an Authorization header came, but without a Bearer token"
        }
    }
}

extension CredentialScheme {
    fileprivate var placed: String {
        switch self {
        case .session: "a session cookie"
        case .query: "a token in the query parameter jwt"
        case .blaizeHeader: "a token in the header X-Blaize-Jwt"
        case .zephrHeader: "a token in the header X-Zephr-Jwt"
        case .bearer: "a token as Authorization: Bearer"
        case .cookie: "a token in the cookie blaize_jwt"
        }
    }
}

extension SiteCredentials {
    /// What of `presented` counts as not presented here, each kind once.
    public func ignored(_ presented: PresentedCredentials) -> [IgnoredCredential] {
        var ignored: [IgnoredCredential] = []
        func add(_ credential: IgnoredCredential) {
            if !ignored.contains(credential) { ignored.append(credential) }
        }
        if presented.sessionCookiePresent, let reason = sessionIgnored(presented) { add(reason) }
        for token in presented.tokens where !accepts(token) { add(.notAccepted(token.scheme)) }
        if presented.hasOtherAuthorization { add(.otherAuthorization) }
        return ignored
    }
}
