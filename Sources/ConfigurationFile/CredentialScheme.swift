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
