import ConfigurationFile
import Credentials
import JSON
import Testing

@Suite struct CredentialFaultTests {
    private static let faults: [CredentialFault] = [
        .session, .tooLong, .notThreeParts, .encoding, .header(JSONError(.nul, byteOffset: 1)),
        .claims(JSONError(.nul, byteOffset: 1)), .forbiddenMember(.jku), .notText(.kid), .unknownAlgorithm,
        .algorithmNotAllowed(.rs256), .algorithmOfAnotherKey(.es512), .noKey(.edDSA), .noKeys, .noSignature, .signature,
        .notADate(.nbf), .noExpiry, .expired, .notYetValid, .issuedInFuture, .issuer, .audience,
    ]

    @Test("Every fault has a name of its own, of lower-case letters and hyphens")
    func names() {
        #expect(Set(Self.faults.map(\.name)).count == Self.faults.count)
        #expect(Self.faults.allSatisfy { $0.name.allSatisfy { $0 == "-" || ("a"..."z").contains($0) } })
    }

    @Test("Every explanation is one line that may stand in an error_description", arguments: faults)
    func explanations(fault: CredentialFault) {
        #expect(!fault.description.isEmpty)
        #expect(fault.description.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
    }

    @Test("An explanation names the algorithm or the member that it is about")
    func details() {
        #expect(CredentialFault.algorithmNotAllowed(.rs256).description == "algorithm RS256 is not allowed here")
        #expect(CredentialFault.forbiddenMember(.x5u).description.contains("x5u"))
        #expect(CredentialFault.notADate(.iat).description.contains("iat"))
    }
}
