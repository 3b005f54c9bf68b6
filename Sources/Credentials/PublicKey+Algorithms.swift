import ConfigurationFile
import JWTKit

/// A public key of a kind that tokens are verified with.
///
/// What is wrong with a key is said in words that continue `a key that …`.
enum PublicKey: Sendable {
    case rsa(JWTKit.Insecure.RSA.PublicKey)
    case p256(ES256PublicKey)
    case p384(ES384PublicKey)
    case p521(ES512PublicKey)
    case ed25519(EdDSA.PublicKey)

    /// The algorithms that such a key can verify at all.
    var algorithms: Set<SignatureAlgorithm> {
        switch self {
        case .rsa: [.rs256, .rs384, .rs512]
        case .p256: [.es256]
        case .p384: [.es384]
        case .p521: [.es512]
        case .ed25519: [.edDSA]
        }
    }

    /// This key, bound to each of `algorithms` that fits it.
    func keys(for algorithms: Set<SignatureAlgorithm>) async throws(KeyFault) -> [SignatureAlgorithm: VerificationKey] {
        var keys: [SignatureAlgorithm: VerificationKey] = [:]
        for algorithm in algorithms.intersection(self.algorithms) {
            keys[algorithm] = .publicKey(try await bound(to: algorithm))
        }
        return keys
    }

    /// JWTKit hands out algorithms only through its key collection, an actor; one collection holds one key, since a
    /// collection remembers the first algorithm that it was asked for.
    private func bound(to algorithm: SignatureAlgorithm) async throws(KeyFault) -> any JWTAlgorithm {
        let collection = JWTKeyCollection()
        switch self {
        case .rsa(let key): await collection.add(rsa: key, digestAlgorithm: Self.digest(of: algorithm))
        case .p256(let key): await collection.add(ecdsa: key)
        case .p384(let key): await collection.add(ecdsa: key)
        case .p521(let key): await collection.add(ecdsa: key)
        case .ed25519(let key): await collection.add(eddsa: key)
        }
        let bound = try? await collection.getKey()
        guard let bound, bound.name == algorithm.rawValue else {
            throw KeyFault("holds a key that cannot be used with \(algorithm.rawValue)")
        }
        return bound
    }

    private static func digest(of algorithm: SignatureAlgorithm) -> DigestAlgorithm {
        switch algorithm {
        case .rs384: .sha384
        case .rs512: .sha512
        default: .sha256
        }
    }
}
