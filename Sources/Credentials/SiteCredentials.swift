import ConfigurationFile

/// A site's keys and rules, ready to check what requests present.
public final class SiteCredentials: Sendable {
    /// How many credentials of a request are looked at.
    public static let credentialsMax = 8
    /// How many different tokens of a request are verified: a signature may cost milliseconds.
    public static let tokensMax = 3

    /// What is allowed and yet deserves a word when the configuration is loaded or checked: keys of the JWKS that are
    /// not used, a secret shorter than RFC 7518 demands, a file that too many may read or write. Placed as errors are.
    public let warnings: [ConfigurationError]
    private let required: SiteConfiguration.CredentialsRequired
    /// The schemes that count here.
    public let accepted: Set<CredentialScheme>
    private let session: SiteConfiguration.Session
    /// Whether a session cookie may let a request in.
    public var acceptsSessions: Bool { accepted.contains(.session) && session != .off }
    /// nil when the site has no keys.
    private let tokens: TokenVerifier?

    /// Reads the key files that `site` names and builds their keys. Every file that cannot be used is named.
    public init(site: SiteConfiguration) throws(ConfigurationErrors) {
        required = site.credentialsRequired
        accepted = site.credentialsAccepted
        session = site.session
        guard let jwt = site.jwt else {
            tokens = nil
            warnings = []
            return
        }
        let keys = try KeySet(jwt)
        tokens = TokenVerifier(keys: keys, claims: ClaimsPolicy(jwt))
        warnings = keys.warnings
    }

    /// What comes of looking at a request's credentials.
    public enum Check: Sendable {
        case decided(Verdict)
        /// Signatures are to be verified for which no other request should wait.
        case dear(DearCheck)
    }

    /// Tokens that are still to be looked at.
    public struct DearCheck: Sendable {
        fileprivate let credentials: SiteCredentials
        fileprivate let tokens: ArraySlice<PresentedCredentials.Token>
        fileprivate let refusals: [Verdict.Refusal]
        fileprivate let isUnavailable: Bool
        fileprivate let nowSeconds: Double

        /// Looks at them, which may take some milliseconds.
        public func verdict() -> Verdict {
            var refusals = refusals
            for token in tokens {
                guard let fault = credentials.fault(of: token, nowSeconds: nowSeconds) else {
                    return .passed(by: token.scheme)
                }
                refusals.append(Verdict.Refusal(scheme: token.scheme, fault: fault))
            }
            return isUnavailable ? .unavailable : .refused(refusals)
        }
    }

    /// Looks at each credential until one verifies, the session first because it costs nothing, or until one is dear.
    ///
    /// - Parameters:
    ///   - isConversion: Whether the request is for a conversion, and not for an exposure, which may need none.
    ///   - nowSeconds: The time, in seconds since 1970.
    public func begin(
        _ presented: PresentedCredentials, isConversion: Bool = true, nowSeconds: Double
    ) -> Check {
        guard !presented.hasTooMany else { return .decided(.tooMany) }
        let hasSession = presented.sessionCookiePresent && sessionIgnored(presented) == nil
        let candidates = presented.tokens.filter(accepts)
        guard hasSession || !candidates.isEmpty else {
            return required == .always || (required == .conversions && isConversion)
                ? .decided(.missing) : .decided(.passedWithout)
        }
        guard candidates.count + (hasSession ? 1 : 0) <= Self.credentialsMax else { return .decided(.tooMany) }
        // The same token in several places is looked at once.
        var different: [PresentedCredentials.Token] = []
        for candidate in candidates where !different.contains(where: { $0.bytes == candidate.bytes }) {
            different.append(candidate)
        }
        guard different.count <= Self.tokensMax else { return .decided(.tooMany) }

        var refusals: [Verdict.Refusal] = []
        var isUnavailable = false
        if hasSession {
            switch sessionWorth(answer: presented.sessionAnswer) {
            case .verified: return .decided(.passed(by: .session))
            case .refused: refusals.append(Verdict.Refusal(scheme: .session, fault: .session))
            case .unavailable: isUnavailable = true
            }
        }
        for (index, candidate) in different.enumerated() {
            switch look(at: candidate, nowSeconds: nowSeconds) {
            case .good: return .decided(.passed(by: candidate.scheme))
            case .bad(let fault): refusals.append(Verdict.Refusal(scheme: candidate.scheme, fault: fault))
            case .dear:
                return .dear(
                    DearCheck(
                        credentials: self, tokens: different[index...], refusals: refusals,
                        isUnavailable: isUnavailable, nowSeconds: nowSeconds))
            }
        }
        return .decided(isUnavailable ? .unavailable : .refused(refusals))
    }

    /// Why a session cookie counts as not presented; nil where it counts.
    func sessionIgnored(_ presented: PresentedCredentials) -> IgnoredCredential? {
        if session == .off { return .sessionOff }
        guard accepted.contains(.session) else { return .notAccepted(.session) }
        return session == .nginx && presented.sessionAnswer.isEmpty ? .sessionNotAsked : nil
    }

    private enum SessionWorth {
        case verified, refused, unavailable
    }

    /// What a session cookie that counts as presented is worth.
    private func sessionWorth(answer: String) -> SessionWorth {
        guard session == .nginx else { return .verified }
        switch answer {
        case "verified": return .verified
        case "unavailable": return .unavailable
        default: return .refused
        }
    }

    /// A session cookie is no token, whoever says so.
    func accepts(_ token: PresentedCredentials.Token) -> Bool {
        token.scheme != .session && accepted.contains(token.scheme) && !token.bytes.isEmpty
    }

    private enum Look {
        case good
        case bad(CredentialFault)
        case dear
    }

    /// Verifies a token unless it is dear.
    private func look(at token: PresentedCredentials.Token, nowSeconds: Double) -> Look {
        guard let tokens else { return .bad(.noKeys) }
        do throws(CredentialFault) {
            return try tokens.verifyUnlessDear(token.bytes, nowSeconds: nowSeconds) ? .good : .dear
        } catch {
            return .bad(error)
        }
    }

    /// Verifies a token, however long it takes.
    private func fault(of token: PresentedCredentials.Token, nowSeconds: Double) -> CredentialFault? {
        guard let tokens else { return .noKeys }
        do throws(CredentialFault) {
            try tokens.verify(token.bytes, nowSeconds: nowSeconds)
            return nil
        } catch {
            return error
        }
    }
}

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
    /// Whether there is more, which was not looked for.
    public var hasTooMany: Bool

    public init(
        sessionCookiePresent: Bool = false, sessionAnswer: String = "", hasOtherAuthorization: Bool = false,
        tokens: [Token] = [], hasTooMany: Bool = false
    ) {
        self.sessionCookiePresent = sessionCookiePresent
        self.sessionAnswer = sessionAnswer
        self.hasOtherAuthorization = hasOtherAuthorization
        self.tokens = tokens
        self.hasTooMany = hasTooMany
    }
}

/// What a request's credentials are worth.
public enum Verdict: Sendable, Equatable {
    /// A credential that was looked at and does not verify.
    public struct Refusal: Sendable, Equatable {
        public var scheme: CredentialScheme
        public var fault: CredentialFault

        public init(scheme: CredentialScheme, fault: CredentialFault) {
            self.scheme = scheme
            self.fault = fault
        }
    }

    /// This one verifies.
    case passed(by: CredentialScheme)
    /// None is presented and none is required.
    case passedWithout
    /// None is presented and one is required.
    case missing
    /// None that is presented verifies; why, in the order in which they were looked at, never empty.
    case refused([Refusal])
    /// Whoever knows the session could not be asked, and nothing else verifies.
    case unavailable
    /// More are presented than are looked at.
    case tooMany
}

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
