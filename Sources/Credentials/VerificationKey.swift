import Cryptography

/// A key bound to one algorithm: it verifies signatures of that kind and no other.
enum VerificationKey: Sendable {
    case secret(SecretKey)
    /// With what the algorithm hashes; nil where that is within the algorithm.
    case publicKey(PublicKey, HashFunction?)

    /// Whether it takes a tenth of a millisecond or more, where a secret takes a microsecond.
    var isDear: Bool {
        if case .publicKey = self { true } else { false }
    }

    func isValid(_ signature: [UInt8], for signed: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .secret(let key): key.isValid(signature, for: signed)
        case .publicKey(let key, let hash):
            signature.withUnsafeBytes { signature in
                signed.withUnsafeBytes { key.isValid(signature, for: $0, hash: hash) }
            }
        }
    }
}
