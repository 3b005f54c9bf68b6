import CCrypto
import Foundation

/// A key of an identity provider's, Ed25519, with a part to publish and tokens that are signed with the other.
final class SigningKey {
    let id: String
    private let key: OpaquePointer

    init(_ id: String) {
        self.id = id
        let seed = (0..<32).map { _ in UInt8.random(in: 0...255) }
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
            fatalError("libcrypto makes no Ed25519 key")
        }
        self.key = key
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// The key as a member of a key set.
    ///
    /// - Parameter members: further members, such as `,"d":"…"`.
    func jwk(_ members: String = "") -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        precondition(EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 && count == 32)
        return
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\(Tokens.base64URL(Data(bytes)))\",\"kid\":\"\(id)\"\(members)}"
    }

    /// A key set of these.
    static func set(_ keys: SigningKey...) -> String {
        "{\"keys\":[\(keys.map { $0.jwk() }.joined(separator: ","))]}"
    }

    func token() -> String {
        let header = Tokens.base64URL(Data("{\"alg\":\"EdDSA\",\"kid\":\"\(id)\"}".utf8))
        let signed = "\(header).\(Tokens.base64URL(Data(#"{"sub":"reader"}"#.utf8)))"
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        let message = Array(signed.utf8)
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        precondition(
            EVP_DigestSignInit(context, nil, nil, nil, key) == 1
                && EVP_DigestSign(context, &signature, &count, message, message.count) == 1)
        return "\(signed).\(Tokens.base64URL(Data(signature)))"
    }
}
