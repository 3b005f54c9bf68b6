import ConfigurationFile
import Credentials

extension PresentedCredentials {
    /// Finds a request's credentials in the six places where they may stand, every occurrence of each.
    ///
    /// nginx before 1.23 hands a repeated header down as several parameters, later versions join it with commas, which
    /// no token holds. The session cookie is the one that nginx asks about, its `$cookie_blaize_session`: the first.
    init(_ parameters: borrowing RequestParameters) {
        let cookies = CookieHeader(parameters.cookies)
        var tokens: [Token] = []
        func add(_ scheme: CredentialScheme, _ value: Bytes) {
            if !value.isEmpty { tokens.append(Token(scheme: scheme, bytes: Array(value))) }
        }
        var hasOtherAuthorization = false
        for value in Self.split(parameters.authorizations) {
            guard let token = Self.bearerToken(value), !token.isEmpty else {
                hasOtherAuthorization = true
                continue
            }
            add(.bearer, token)
        }
        for value in Self.split(parameters.zephrTokens) { add(.zephrHeader, value) }
        for value in Self.split(parameters.blaizeTokens) { add(.blaizeHeader, value) }
        for value in cookies.all("blaize_jwt") { add(.cookie, value) }
        for query in parameters.queryStrings {
            for value in QueryString(query).all("jwt") where !value.isEmpty {
                tokens.append(Token(scheme: .query, bytes: value))
            }
        }
        self.init(
            sessionCookiePresent: cookies.first("blaize_session")?.isEmpty == false,
            sessionAnswer: parameters.sessionAnswer?.text ?? "", hasOtherAuthorization: hasOtherAuthorization,
            tokens: tokens)
    }

    private static func split(_ values: RequestParameters.Values) -> [Bytes] {
        if values.isEmpty { return [] }
        return values.flatMap { $0.split(separator: UInt8(ascii: ",")) }.map(\.trimmingSpaces)
    }

    /// The token of `Bearer <token>`; nil for every other scheme, which counts as not presented.
    private static func bearerToken(_ value: Bytes) -> Bytes? {
        let scheme = value.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.equalsIgnoringCase("bearer") else { return nil }
        return value[scheme.endIndex...].trimmingSpaces
    }
}
