import ConfigurationFile
import JSON

/// Verifies a JWT (RFC 7519) in the compact form of a JWS (RFC 7515): its shape, its header, its signature, its claims,
/// in this order, so that claims are only read when somebody with a key has made them.
struct TokenVerifier: Sendable {
    static let tokenBytesMax = 8 * 1024
    /// How deep header and claims may nest.
    static let jsonDepthMax = 32

    let keys: KeySet
    let claims: ClaimsPolicy

    func verify(_ token: String, nowSeconds: Double) throws(CredentialFault) {
        guard token.utf8.count <= Self.tokenBytesMax else { throw .tooLong }
        let parts = try TokenParts(Array(token.utf8))
        let header = try TokenHeader(try Self.object(in: parts.header) { .header($0) })
        let key = try keys.key(for: header.algorithm, keyID: header.keyID)
        guard let signature = Base64URL.decode(parts.signature) else { throw .encoding }
        guard !signature.isEmpty else { throw .noSignature }
        guard key.isValid(signature, for: parts.signed) else { throw .signature }
        try claims.check(try Self.object(in: parts.claims) { .claims($0) }, nowSeconds: nowSeconds)
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
