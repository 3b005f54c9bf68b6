import ConfigurationFile
import JSON

/// What a token's header says about how to verify it.
struct TokenHeader {
    let algorithm: SignatureAlgorithm
    let keyID: String?

    init(_ header: JSONObject) throws(CredentialFault) {
        for member in CredentialFault.ForbiddenMember.allCases where header[member.rawValue] != nil {
            throw .forbiddenMember(member)
        }
        _ = try Self.text(.typ, of: header)
        keyID = try Self.text(.kid, of: header)
        guard let name = try Self.text(.alg, of: header), let algorithm = SignatureAlgorithm(named: name) else {
            throw .unknownAlgorithm
        }
        self.algorithm = algorithm
    }

    private static func text(
        _ member: CredentialFault.TextMember, of header: JSONObject
    ) throws(CredentialFault) -> String? {
        switch header[member.rawValue] {
        case nil: nil
        case .string(let text)?: text
        default: throw .notText(member)
        }
    }
}
