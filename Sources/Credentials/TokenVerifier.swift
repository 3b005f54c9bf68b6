import ConfigurationFile
import Cryptography
import JSON
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
        guard token.count <= Self.tokenBytesMax else { throw .tooLong }
        let parts = try TokenParts(token)
        let header = try header(parts.header)
        let key = try keys.key(for: header.algorithm, keyID: header.keyID)
        guard let signature = Base64URL.decode(parts.signature) else { throw .encoding }
        guard !signature.isEmpty else { throw .noSignature }
        if !key.isDear || !signatures.contains(token) {
            guard key.isValid(signature, for: parts.signed) else { throw .signature }
            if key.isDear { signatures.insert(token) }
        }
        try claims.check(try Self.object(in: parts.claims) { .claims($0) }, nowSeconds: nowSeconds)
    }

    /// Whether verifying it takes so long that no other request should wait for it.
    func isDear(_ token: [UInt8]) -> Bool {
        guard token.count <= Self.tokenBytesMax, let parts = try? TokenParts(token),
            let header = try? header(parts.header), let key = try? keys.key(for: header.algorithm, keyID: header.keyID)
        else { return false }
        return key.isDear && !signatures.contains(token)
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
