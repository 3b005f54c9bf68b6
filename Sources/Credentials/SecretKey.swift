import ConfigurationFile
import Crypto

/// A shared secret, bound to one of the HMAC algorithms (RFC 7518, section 3.2).
///
/// It uses Crypto's HMAC rather than JWTKit's, which starts from the secret at each token and, in debug builds, stops the
/// process when a secret is short. Here the secret is mixed in once, and each token continues from a copy of that state.
enum SecretKey: Sendable {
    case hs256(HMAC<SHA256>)
    case hs384(HMAC<SHA384>)
    case hs512(HMAC<SHA512>)

    /// nil when `algorithm` is not one of HMAC's.
    init?(_ secret: [UInt8], for algorithm: SignatureAlgorithm) {
        let key = SymmetricKey(data: secret)
        switch algorithm {
        case .hs256: self = .hs256(HMAC(key: key))
        case .hs384: self = .hs384(HMAC(key: key))
        case .hs512: self = .hs512(HMAC(key: key))
        default: return nil
        }
    }

    /// The comparison takes the same time wherever the difference lies; Crypto sees to that.
    func isValid(_ signature: [UInt8], for signed: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .hs256(let prepared): Self.code(of: signed, from: prepared) == signature
        case .hs384(let prepared): Self.code(of: signed, from: prepared) == signature
        case .hs512(let prepared): Self.code(of: signed, from: prepared) == signature
        }
    }

    func signature(of signed: [UInt8]) -> [UInt8] {
        switch self {
        case .hs256(let prepared): Array(Self.code(of: signed[...], from: prepared))
        case .hs384(let prepared): Array(Self.code(of: signed[...], from: prepared))
        case .hs512(let prepared): Array(Self.code(of: signed[...], from: prepared))
        }
    }

    private static func code<H>(of signed: ArraySlice<UInt8>, from prepared: HMAC<H>) -> HMAC<H>.MAC {
        var state = prepared
        state.update(data: signed)
        return state.finalize()
    }
}
