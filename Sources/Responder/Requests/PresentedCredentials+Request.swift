import ConfigurationFile
import Credentials
import FastCGI

extension PresentedCredentials {
    /// Finds a request's credentials in the six places where they may stand, every occurrence of each.
    ///
    /// nginx before 1.23 hands a repeated header down as several parameters, later versions join it with commas, which
    /// no token holds. The session cookie is the one that nginx asks about, its `$cookie_blaize_session`: the first.
    init(_ parameters: Parameters) {
        let cookies = CookieHeader(parameters.all("HTTP_COOKIE"))
        var tokens: [Token] = []
        func add(_ scheme: CredentialScheme, _ values: [ArraySlice<UInt8>]) {
            for value in values {
                let text = String(decoding: value, as: UTF8.self)
                if !text.isEmpty { tokens.append(Token(scheme: scheme, text: text)) }
            }
        }
        let authorizations = Self.split(parameters.all("HTTP_AUTHORIZATION"))
        add(.bearer, authorizations.compactMap(Self.bearerToken))
        let bearerCount = tokens.count
        add(.zephrHeader, Self.split(parameters.all("HTTP_X_ZEPHR_JWT")))
        add(.blaizeHeader, Self.split(parameters.all("HTTP_X_BLAIZE_JWT")))
        add(.cookie, cookies.all("blaize_jwt"))
        add(.query, parameters.all("QUERY_STRING").flatMap { QueryString($0).all("jwt") })
        self.init(
            sessionCookiePresent: cookies.first("blaize_session")?.isEmpty == false,
            sessionAnswer: parameters.text("SESSION_ANSWER") ?? "",
            hasOtherAuthorization: authorizations.count > bearerCount, tokens: tokens)
    }

    private static func split(_ values: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        values.flatMap { $0.split(separator: UInt8(ascii: ",")) }.map(\.trimmingSpaces)
    }

    /// The token of `Bearer <token>`; nil for every other scheme, which counts as not presented.
    private static func bearerToken(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let scheme = value.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.equalsIgnoringCase("bearer") else { return nil }
        return value[scheme.endIndex...].trimmingSpaces
    }
}
