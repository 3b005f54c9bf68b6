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
