import JWTKit

/// A key bound to one algorithm: it verifies signatures of that kind and no other.
enum VerificationKey: Sendable {
    case secret(SecretKey)
    case publicKey(any JWTAlgorithm)

    /// Whether it takes a tenth of a millisecond or more, where a secret takes a microsecond.
    var isDear: Bool {
        if case .publicKey = self { true } else { false }
    }

    func isValid(_ signature: [UInt8], for signed: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .secret(let key): key.isValid(signature, for: signed)
        // It throws when the signature does not even have the right size.
        case .publicKey(let algorithm): (try? algorithm.verify(signature, signs: signed)) ?? false
        }
    }
}
