import ConfigurationFile
import JSON

/// What a site asks of a token's claims (RFC 7519, section 4.1). Claims that it does not ask about may say anything.
struct ClaimsPolicy: Sendable {
    /// How far the clocks of whoever signs and whoever verifies may differ.
    static let leewaySeconds: Double = 60

    let requireExpiry: Bool
    let issuer: String?
    let audience: String?

    init(_ jwt: JWTConfiguration) {
        requireExpiry = jwt.requireExpiry
        issuer = jwt.issuer
        audience = jwt.audience
    }

    func check(_ claims: JSONObject, nowSeconds: Double) throws(CredentialFault) {
        try checkDates(of: claims, nowSeconds: nowSeconds)
        if let issuer {
            guard case .string(let text)? = claims["iss"], Self.areSame(text, issuer) else { throw .issuer }
        }
        if let audience {
            guard Self.holds(claims["aud"], audience) else { throw .audience }
        }
    }

    /// `exp` is the first moment at which the token is no longer valid, `nbf` the first at which it is.
    private func checkDates(of claims: JSONObject, nowSeconds: Double) throws(CredentialFault) {
        let expiry = try Self.date(.exp, of: claims)
        let notBefore = try Self.date(.nbf, of: claims)
        let issuedAt = try Self.date(.iat, of: claims)
        if requireExpiry, expiry == nil { throw .noExpiry }
        if let expiry, nowSeconds >= expiry + Self.leewaySeconds { throw .expired }
        if let notBefore, nowSeconds + Self.leewaySeconds < notBefore { throw .notYetValid }
        if let issuedAt, nowSeconds + Self.leewaySeconds < issuedAt { throw .issuedInFuture }
    }

    /// Every number that JSON gives is finite, so that a comparison with it means something.
    private static func date(
        _ claim: CredentialFault.DateClaim, of claims: JSONObject
    ) throws(CredentialFault) -> Double? {
        switch claims[claim.rawValue] {
        case nil: nil
        case .number(let seconds)?: seconds
        default: throw .notADate(claim)
        }
    }

    /// `aud` is one string or an array of strings.
    private static func holds(_ claim: JSONValue?, _ audience: String) -> Bool {
        switch claim {
        case .string(let text)?: areSame(text, audience)
        case .array(let elements)?:
            elements.contains { element in
                guard case .string(let text) = element else { return false }
                return areSame(text, audience)
            }
        default: false
        }
    }

    /// By their bytes, as RFC 7519 compares strings. Swift's `==` would take two spellings of an accent for one.
    private static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}
