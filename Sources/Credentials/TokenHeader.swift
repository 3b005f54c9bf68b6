import ConfigurationFile
import JSON
import Synchronization

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

/// Headers that were read before. Whoever signs tokens writes the same one into each, byte for byte.
final class KnownHeaders: Sendable {
    private static let countMax = 8

    private let known = Mutex<[(bytes: [UInt8], header: TokenHeader)]>([])

    /// - Parameters:
    ///   - bytes: as they stand in the token.
    ///   - read: reads them where they are not known.
    func header(
        _ bytes: ArraySlice<UInt8>, _ read: () throws(CredentialFault) -> TokenHeader
    ) throws(CredentialFault) -> TokenHeader {
        if let header = known.withLock({ known in known.first { $0.bytes.elementsEqual(bytes) }?.header }) {
            return header
        }
        let header = try read()
        known.withLock { known in
            if known.count == Self.countMax { known.removeFirst() }
            known.append((Array(bytes), header))
        }
        return header
    }
}
