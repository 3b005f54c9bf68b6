import ConfigurationFile

/// Signs tokens with a site's shared secret, for trying the endpoint out.
public struct TokenMinting: Sendable {
    private let secret: SharedSecret
    /// HMAC's, of those that the site allows, the shortest first.
    private let algorithms: [SignatureAlgorithm]
    private let issuer: String?
    private let audience: String?

    /// Reads the secret that `site` names.
    public init(site: SiteConfiguration) throws(TokenMintingError) {
        guard let jwt = site.jwt, let file = jwt.secret else { throw .noSecret }
        do throws(ConfigurationError) {
            secret = try SharedSecret(file)
        } catch {
            throw .secret(error)
        }
        algorithms = SharedSecret.bytesMinimum.map(\.algorithm).filter(jwt.algorithms.contains)
        issuer = jwt.issuer
        audience = jwt.audience
    }

    /// A token with the claims `iat` and `exp`, and `sub`, `iss` and `aud` where they are known.
    ///
    /// - Parameters:
    ///   - issuedAtSeconds: Seconds since 1970.
    ///   - lifetimeSeconds: How long after that the token expires; negative for a token that has expired.
    ///   - issuer: nil for the site's own, likewise `audience`.
    ///   - algorithm: nil for the first of HS256, HS384 and HS512 that the site allows.
    public func token(
        subject: String? = nil, issuedAtSeconds: Int64, lifetimeSeconds: Int64, issuer: String? = nil,
        audience: String? = nil, algorithm: SignatureAlgorithm? = nil
    ) throws(TokenMintingError) -> String {
        guard let first = algorithms.first else { throw .noAlgorithm }
        let algorithm = algorithm ?? first
        guard algorithms.contains(algorithm), let key = SecretKey(secret.bytes, for: algorithm) else {
            throw .algorithmNotAllowed(algorithm)
        }
        let texts = [("sub", subject), ("iss", issuer ?? self.issuer), ("aud", audience ?? self.audience)]
        let (expirySeconds, overflows) = issuedAtSeconds.addingReportingOverflow(lifetimeSeconds)
        let members =
            ["\"iat\":\(issuedAtSeconds)", "\"exp\":\(overflows ? .max : expirySeconds)"]
            + texts.compactMap { name, text in text.map { "\"\(name)\":\(Self.quoted($0))" } }
        let header = Base64URL.encode(#"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#.utf8)
        let signed = header + "." + Base64URL.encode("{\(members.joined(separator: ","))}".utf8)
        return signed + "." + Base64URL.encode(key.signature(of: Array(signed.utf8)))
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\0"..."\u{1F}": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

/// Why no token can be minted for a site.
public enum TokenMintingError: Error, Sendable, Equatable, CustomStringConvertible {
    case noSecret
    case secret(ConfigurationError)
    /// None of HMAC's algorithms is allowed.
    case noAlgorithm
    case algorithmNotAllowed(SignatureAlgorithm)

    public var description: String {
        switch self {
        case .noSecret:
            "the site has no shared secret to sign a token with: name a file under jwt.secret, or sign where the private "
                + "key is"
        case .secret(let error): error.description
        case .noAlgorithm: "jwt.algorithms allows none of HS256, HS384 and HS512, which a shared secret signs with"
        case .algorithmNotAllowed(let algorithm):
            "a token cannot be signed with \(algorithm.rawValue): use one of HS256, HS384 and HS512 that jwt.algorithms "
                + "allows"
        }
    }
}
