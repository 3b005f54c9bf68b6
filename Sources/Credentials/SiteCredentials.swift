import ConfigurationFile

/// A site's keys and rules, ready to check what requests present.
public struct SiteCredentials: Sendable {
    /// How many credentials of a request are looked at.
    public static let credentialsMax = 8

    /// What is allowed and yet deserves a word when the configuration is loaded or checked: keys of the JWKS that are
    /// not used, a secret shorter than RFC 7518 demands, a file that too many may read or write. Placed as errors are.
    public let warnings: [ConfigurationError]
    private let required: SiteConfiguration.CredentialsRequired
    private let accepted: Set<CredentialScheme>
    private let session: SiteConfiguration.Session
    /// Whether a session cookie may let a request in.
    public var acceptsSessions: Bool { accepted.contains(.session) && session != .off }
    /// nil when the site has no keys.
    private let tokens: TokenVerifier?

    /// Reads the key files that `site` names and builds their keys. Every file that cannot be used is named.
    public init(site: SiteConfiguration) async throws(ConfigurationErrors) {
        required = site.credentialsRequired
        accepted = site.credentialsAccepted
        session = site.session
        guard let jwt = site.jwt else {
            tokens = nil
            warnings = []
            return
        }
        let keys = try await KeySet(jwt)
        tokens = TokenVerifier(keys: keys, claims: ClaimsPolicy(jwt))
        warnings = keys.warnings
    }

    /// Looks at each credential until one verifies, the session first because it costs nothing.
    ///
    /// - Parameters:
    ///   - isConversion: Whether the request is for a conversion, and not for an exposure, which may need none.
    ///   - nowSeconds: The time, in seconds since 1970.
    public func check(
        _ presented: PresentedCredentials, isConversion: Bool = true, nowSeconds: Double
    ) -> Verdict {
        let hasSession = presented.sessionCookiePresent && sessionIgnored(presented) == nil
        let candidates = presented.tokens.filter(accepts)
        guard hasSession || !candidates.isEmpty else {
            return required == .always || (required == .conversions && isConversion) ? .missing : .passedWithout
        }
        guard candidates.count + (hasSession ? 1 : 0) <= Self.credentialsMax else { return .tooMany }

        var refusals: [Verdict.Refusal] = []
        var isUnavailable = false
        if hasSession {
            switch sessionWorth(answer: presented.sessionAnswer) {
            case .verified: return .passed(by: .session)
            case .refused: refusals.append(Verdict.Refusal(scheme: .session, fault: .session))
            case .unavailable: isUnavailable = true
            }
        }
        for candidate in candidates {
            guard let fault = fault(of: candidate, nowSeconds: nowSeconds) else {
                return .passed(by: candidate.scheme)
            }
            refusals.append(Verdict.Refusal(scheme: candidate.scheme, fault: fault))
        }
        return isUnavailable ? .unavailable : .refused(refusals)
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
        token.scheme != .session && accepted.contains(token.scheme) && !token.text.isEmpty
    }

    private func fault(of token: PresentedCredentials.Token, nowSeconds: Double) -> CredentialFault? {
        guard let tokens else { return .noKeys }
        do throws(CredentialFault) {
            try tokens.verify(token.text, nowSeconds: nowSeconds)
            return nil
        } catch {
            return error
        }
    }
}
