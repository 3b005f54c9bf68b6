/// A token's `alg`, by its name in RFC 7518 and RFC 8037.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// The name that RFC 9864 gives `EdDSA` with the curve Ed25519, the only one that is known here.
    private static let ed25519 = "Ed25519"

    /// Every name that an algorithm goes by.
    public static let names = allCases.map(\.rawValue) + [ed25519]

    /// The algorithm that a configuration, a key or a token calls `name`; nil when there is none.
    public init?(named name: String) {
        self.init(rawValue: name == Self.ed25519 ? Self.edDSA.rawValue : name)
    }

    /// Whether signing and verifying take the same key, a shared secret.
    var isSymmetric: Bool {
        switch self {
        case .hs256, .hs384, .hs512: true
        case .rs256, .rs384, .rs512, .es256, .es384, .es512, .edDSA: false
        }
    }
}
