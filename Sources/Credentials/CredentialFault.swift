import ConfigurationFile
import JSON

/// Why a credential does not verify.
///
/// Nothing of a token is echoed but what this project has a name for: an algorithm, a member.
public enum CredentialFault: Error, Sendable, Equatable {
    /// Header members that are refused whatever they hold.
    ///
    /// The first two change how a token is to be read, and this project knows no extension (`b64` is refused even where
    /// it is true, since RFC 7797 gives a JWT no use for it). The others name the key that is to verify the token,
    /// which is not for the token to say.
    public enum ForbiddenMember: String, Sendable, CaseIterable {
        case crit, b64, jwk, jku, x5u, x5c
    }

    /// Header members that are strings.
    public enum TextMember: String, Sendable, CaseIterable {
        case alg, kid, typ
    }

    /// Claims that are seconds since 1970.
    public enum DateClaim: String, Sendable, CaseIterable {
        case exp, nbf, iat
    }

    /// nginx answered that the session is not a valid one, or not at all.
    case session

    case tooLong
    case notThreeParts
    case encoding
    case header(JSONError)
    case claims(JSONError)
    case forbiddenMember(ForbiddenMember)
    case notText(TextMember)
    /// `alg` is missing, `none`, or no name that this project knows.
    case unknownAlgorithm
    case algorithmNotAllowed(SignatureAlgorithm)
    /// `kid` names a key that cannot have made such a signature.
    case algorithmOfAnotherKey(SignatureAlgorithm)
    case noKey(SignatureAlgorithm)
    /// The site has no keys at all.
    case noKeys
    case noSignature
    case signature
    case notADate(DateClaim)
    case noExpiry
    case expired
    case notYetValid
    case issuedInFuture
    case issuer
    case audience
}

extension CredentialFault {
    /// Whether a set of keys that is newer might have the token's.
    public var isOfMissingKey: Bool {
        if case .noKey = self { true } else { false }
    }
}

extension CredentialFault: CustomStringConvertible {
    /// A short name for tallies. It never changes and holds nothing but lower-case letters and hyphens.
    public var name: String {
        switch self {
        case .session: "session"
        case .tooLong: "too-long"
        case .notThreeParts: "not-three-parts"
        case .encoding: "encoding"
        case .header: "header"
        case .claims: "claims"
        case .forbiddenMember: "forbidden-member"
        case .notText: "not-text"
        case .unknownAlgorithm: "unknown-algorithm"
        case .algorithmNotAllowed: "algorithm-not-allowed"
        case .algorithmOfAnotherKey: "algorithm-of-another-key"
        case .noKey: "no-key"
        case .noKeys: "no-keys"
        case .noSignature: "no-signature"
        case .signature: "signature"
        case .notADate: "not-a-date"
        case .noExpiry: "no-expiry"
        case .expired: "expired"
        case .notYetValid: "not-yet-valid"
        case .issuedInFuture: "issued-in-future"
        case .issuer: "issuer"
        case .audience: "audience"
        }
    }

    /// One line for whoever sent the credential. It has neither quotation marks nor backslashes, so that it may stand
    /// in an `error_description` (RFC 6750, section 3).
    public var description: String {
        switch self {
        case .session: "the session is not valid"
        case .tooLong: "the token is longer than \(TokenVerifier.tokenBytesMax) bytes"
        case .notThreeParts: "the token is not three parts with dots between them"
        case .encoding: "a part of the token is not canonical base64url"
        case .header(let error): "the header cannot be read: \(error)"
        case .claims(let error): "the claims cannot be read: \(error)"
        case .forbiddenMember(let member): "the header has the member \(member.rawValue), which is never accepted"
        case .notText(let member): "the header's \(member.rawValue) is not a string"
        case .unknownAlgorithm: "the algorithm is missing, none, or unknown"
        case .algorithmNotAllowed(let algorithm): "algorithm \(algorithm.rawValue) is not allowed here"
        case .algorithmOfAnotherKey(let algorithm): "the key that kid names is not for algorithm \(algorithm.rawValue)"
        case .noKey(let algorithm): "there is no key for algorithm \(algorithm.rawValue) with this kid or without one"
        case .noKeys: "tokens are not accepted here, since there are no keys to verify them"
        case .noSignature: "the signature is empty"
        case .signature: "the signature does not verify"
        case .notADate(let claim): "the claim \(claim.rawValue) is not a number"
        case .noExpiry: "the claim exp is missing and required here"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet (nbf)"
        case .issuedInFuture: "the token was issued in the future (iat)"
        case .issuer: "the claim iss is not the issuer expected here"
        case .audience: "the claim aud does not hold the audience expected here"
        }
    }
}
