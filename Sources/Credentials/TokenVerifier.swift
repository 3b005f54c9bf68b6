import ConfigurationFile
import Cryptography
import JSON
import Records
import Synchronization

/// Verifies a JWT (RFC 7519) in the compact form of a JWS (RFC 7515): its shape, its header, its signature, its claims,
/// in this order, so that claims are only read when somebody with a key has made them.
struct TokenVerifier: Sendable {
    static let tokenBytesMax = 8 * 1024
    /// How deep header and claims may nest.
    static let jsonDepthMax = 32

    let keys: KeySet
    let claims: ClaimsPolicy
    private let headers = KnownHeaders()
    private let signatures = KnownSignatures()

    init(keys: KeySet, claims: ClaimsPolicy) {
        self.keys = keys
        self.claims = claims
    }

    func verify(_ token: [UInt8], nowSeconds: Double) throws(CredentialFault) {
        _ = try verify(token, isPatient: true, nowSeconds: nowSeconds)
    }

    /// The same, but where that takes so long that no other request should wait for it: then it is false, and nothing is known
    /// of signature and claims.
    func verifyUnlessDear(_ token: [UInt8], nowSeconds: Double) throws(CredentialFault) -> Bool {
        try verify(token, isPatient: false, nowSeconds: nowSeconds)
    }

    private func verify(_ token: [UInt8], isPatient: Bool, nowSeconds: Double) throws(CredentialFault) -> Bool {
        guard token.count <= Self.tokenBytesMax else { throw .tooLong }
        let parts = try TokenParts(token)
        let header = try header(parts.header)
        let key = try keys.key(for: header.algorithm, keyID: header.keyID)
        guard let signature = Base64URL.decode(parts.signature) else { throw .encoding }
        guard !signature.isEmpty else { throw .noSignature }
        if !key.isDear || !signatures.contains(token) {
            if key.isDear, !isPatient { return false }
            guard key.isValid(signature, for: parts.signed) else { throw .signature }
            if key.isDear { signatures.insert(token) }
        }
        try claims.check(try Self.object(in: parts.claims) { .claims($0) }, nowSeconds: nowSeconds)
        return true
    }

    private func header(_ part: ArraySlice<UInt8>) throws(CredentialFault) -> TokenHeader {
        try headers.header(part) { () throws(CredentialFault) in
            try TokenHeader(try Self.object(in: part) { .header($0) })
        }
    }

    private static func object(
        in part: ArraySlice<UInt8>, fault: (JSONError) -> CredentialFault
    ) throws(CredentialFault) -> JSONObject {
        guard let bytes = Base64URL.decode(part) else { throw .encoding }
        do throws(JSONError) {
            return try JSONObject(parsing: bytes, depthMax: jsonDepthMax)
        } catch {
            throw fault(error)
        }
    }
}

/// Tokens whose dear signatures were verified before, by their SHA-256. Their claims are looked at each time; a site whose keys
/// change begins anew.
private final class KnownSignatures: Sendable {
    /// When so many are known, the older half is forgotten.
    private static let countMax = 8192

    private struct State {
        var recent: Set<SHA256.Digest> = []
        var earlier: Set<SHA256.Digest> = []
    }

    private let state = Mutex(State())

    func contains(_ token: [UInt8]) -> Bool {
        let digest = SHA256.hash(of: token)
        return state.withLock { $0.recent.contains(digest) || $0.earlier.contains(digest) }
    }

    func insert(_ token: [UInt8]) {
        let digest = SHA256.hash(of: token)
        state.withLock { state in
            if state.recent.count >= Self.countMax / 2 {
                state.earlier = state.recent
                state.recent = []
            }
            state.recent.insert(digest)
        }
    }
}

/// The three parts of a compact JWS, still in base64url.
struct TokenParts {
    let header: ArraySlice<UInt8>
    let claims: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>
    /// What the signature is over: header, dot and claims as they stand.
    let signed: ArraySlice<UInt8>

    init(_ token: [UInt8]) throws(CredentialFault) {
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot), let second = token[(first + 1)...].firstIndex(of: dot),
            !token[(second + 1)...].contains(dot)
        else {
            throw .notThreeParts
        }
        header = token[..<first]
        claims = token[(first + 1)..<second]
        signature = token[(second + 1)...]
        signed = token[..<second]
    }
}

/// What a token's header says about how to verify it.
struct TokenHeader {
    let algorithm: SignatureAlgorithm
    let keyID: String?

    init(_ header: JSONObject) throws(CredentialFault) {
        for member in CredentialFault.ForbiddenMember.allCases where header[member.rawValue] != nil {
            throw .forbiddenMember(member)
        }
        _ = try Self.text(.typ, of: header)
        keyID = try Self.text(.kid, of: header)
        guard let name = try Self.text(.alg, of: header), let algorithm = SignatureAlgorithm(named: name) else {
            throw .unknownAlgorithm
        }
        self.algorithm = algorithm
    }

    private static func text(
        _ member: CredentialFault.TextMember, of header: JSONObject
    ) throws(CredentialFault) -> String? {
        switch header[member.rawValue] {
        case nil: nil
        case .string(let text)?: text
        default: throw .notText(member)
        }
    }
}

/// Headers that were read before. Whoever signs tokens writes the same one into each, byte for byte.
private final class KnownHeaders: Sendable {
    private static let countMax = 8

    private let known = Mutex<[(bytes: [UInt8], header: TokenHeader)]>([])

    /// - Parameters:
    ///   - bytes: as they stand in the token.
    ///   - read: reads them where they are not known.
    func header(
        _ bytes: ArraySlice<UInt8>, _ read: () throws(CredentialFault) -> TokenHeader
    ) throws(CredentialFault) -> TokenHeader {
        if let header = known.withLock({ known in known.first { $0.bytes.elementsEqual(bytes) }?.header }) {
            return header
        }
        let header = try read()
        known.withLock { known in
            if known.count == Self.countMax { known.removeFirst() }
            known.append((Array(bytes), header))
        }
        return header
    }
}

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
            guard case .string(let text)? = claims["iss"], text.hasBytes(of: issuer) else { throw .issuer }
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

    /// `aud` is one string or an array of strings. They are compared by their bytes, as RFC 7519 has it, and likewise above.
    private static func holds(_ claim: JSONValue?, _ audience: String) -> Bool {
        switch claim {
        case .string(let text)?: text.hasBytes(of: audience)
        case .array(let elements)?:
            elements.contains { element in
                guard case .string(let text) = element else { return false }
                return text.hasBytes(of: audience)
            }
        default: false
        }
    }
}
