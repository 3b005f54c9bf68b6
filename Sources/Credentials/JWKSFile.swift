import ConfigurationFile
import JSON

/// A JWKS file (RFC 7517), read strictly, down to the keys that verify tokens.
///
/// Sets as identity providers publish them hold keys for other ends as well. So a key that is well-formed but of no use
/// here is passed over with a warning: one for encryption (`use`, `key_ops`), of an unknown kind, or for algorithms that
/// are not allowed. A mistake in a key that would be used is an error, as is any secret or private key.
struct JWKSFile {
    /// By `kid`, in bytes, because Swift compares strings by how they look.
    private(set) var keys: [[UInt8]: [SignatureAlgorithm: VerificationKey]] = [:]
    private(set) var warnings: [ConfigurationError] = []

    init(_ file: KeyFile, allowed: Set<SignatureAlgorithm>) async throws(ConfigurationError) {
        for (index, jwk) in try Self.elements(of: file).enumerated() {
            do throws(KeyFault) {
                if let reason = try await add(jwk, allowed: allowed) {
                    warnings.append(file.error("has a key, number \(index + 1), that is not used: \(reason)"))
                }
            } catch {
                throw file.error("has a key, number \(index + 1), that \(error.message)")
            }
        }
        guard !keys.isEmpty else {
            throw file.error(
                "holds no key for the algorithms that are allowed. Add the key's algorithm to jwt.algorithms, or leave "
                    + "jwks out")
        }
    }

    private static func elements(of file: KeyFile) throws(ConfigurationError) -> [JSONValue] {
        let contents = try file.contents()
        do throws(JSONError) {
            if case .array(let keys)? = try JSONObject(parsing: contents, depthMax: TokenVerifier.jsonDepthMax)["keys"]
            {
                return keys
            }
        } catch {
            throw file.error("is not a JWKS: \(error)")
        }
        throw file.error("is not a JWKS: it should be an object with an array named keys")
    }

    /// Adds a key, or says why it is passed over.
    private mutating func add(_ value: JSONValue, allowed: Set<SignatureAlgorithm>) async throws(KeyFault) -> String? {
        guard case .object(let jwk) = value else { throw KeyFault("is not an object") }
        try Self.checkPublic(jwk)
        if let purpose = try Self.otherPurpose(of: jwk) { return purpose }
        guard let key = try PublicKey(jwk: jwk) else { return "its kty and crv are of no use to JWT here" }
        guard let own = try Self.algorithms(of: jwk, key: key) else { return "its alg is none of this project's" }
        let keys = try await key.keys(for: own.intersection(allowed))
        guard !keys.isEmpty else { return "none of its algorithms is in jwt.algorithms" }
        let keyID = Array(try PublicKey.text("kid", of: jwk).utf8)
        guard !keyID.isEmpty else { throw KeyFault("has an empty kid") }
        guard self.keys.updateValue(keys, forKey: keyID) == nil else { throw KeyFault("has the same kid as another") }
        return nil
    }

    private static func checkPublic(_ jwk: JSONObject) throws(KeyFault) {
        if try PublicKey.text("kty", of: jwk) == "oct" || jwk["k"] != nil {
            throw KeyFault("is a shared secret. Put it in a file of its own and name that under secret")
        }
        if jwk["d"] != nil {
            throw KeyFault("is a private key. Leave its private members out, and replace it where it was published")
        }
    }

    private static func otherPurpose(of jwk: JSONObject) throws(KeyFault) -> String? {
        if let use = try PublicKey.optionalText("use", of: jwk), use != "sig" { return "its use is not sig" }
        switch jwk["key_ops"] {
        case nil: return nil
        case .array(let operations)?:
            let verifies = operations.contains { operation in
                if case .string("verify") = operation { true } else { false }
            }
            return verifies ? nil : "its key_ops lack verify"
        default: throw KeyFault("has a member key_ops that is not an array")
        }
    }

    /// The key's algorithms, narrowed to its own `alg` where it has one; nil when that is none that this project knows.
    private static func algorithms(of jwk: JSONObject, key: PublicKey) throws(KeyFault) -> Set<SignatureAlgorithm>? {
        guard let name = try PublicKey.optionalText("alg", of: jwk) else { return key.algorithms }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else { return nil }
        guard key.algorithms.contains(algorithm) else { throw KeyFault("has an alg that does not fit its kty and crv") }
        return [algorithm]
    }
}
