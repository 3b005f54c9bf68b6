import ConfigurationFile
import Cryptography

/// A shared secret, bound to one of the HMAC algorithms (RFC 7518, section 3.2).
struct SecretKey: Sendable {
    /// The secret mixed in already; each token starts from a copy.
    private let prepared: HMAC

    /// nil when `algorithm` is not one of HMAC's.
    init?(_ secret: [UInt8], for algorithm: SignatureAlgorithm) {
        switch algorithm {
        case .hs256: prepared = HMAC(.sha256, key: secret)
        case .hs384: prepared = HMAC(.sha384, key: secret)
        case .hs512: prepared = HMAC(.sha512, key: secret)
        default: return nil
        }
    }

    /// The comparison takes the same time wherever the difference lies.
    func isValid(_ signature: [UInt8], for signed: ArraySlice<UInt8>) -> Bool {
        signature.withUnsafeBytes { signature in
            signed.withUnsafeBytes { prepared.isValid(signature, for: $0) }
        }
    }

    func signature(of signed: [UInt8]) -> [UInt8] {
        signed.withUnsafeBytes { prepared.code(of: $0) }
    }
}
