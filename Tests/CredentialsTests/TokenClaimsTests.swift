import ConfigurationFile
import Credentials
import JSON
import Testing

@Suite struct TokenClaimsTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test(
        "Dates are honoured with a minute's leeway, to the second",
        arguments: [
            (#"{"exp":1699999941}"#, nil), (#"{"exp":1699999940}"#, CredentialFault.expired),
            (#"{"exp":1699999940.5}"#, nil), (#"{"exp":0}"#, .expired), (#"{"exp":-1}"#, .expired),
            (#"{"exp":1e300}"#, nil), (#"{"exp":123456789012345678901234567890}"#, nil),
            (#"{"nbf":1700000060}"#, nil), (#"{"nbf":1700000061}"#, .notYetValid), (#"{"nbf":-5e9}"#, nil),
            (#"{"iat":1700000060}"#, nil), (#"{"iat":1700000060.5}"#, .issuedInFuture), (#"{"iat":0}"#, nil),
            (#"{"exp":1700000001,"nbf":1699999999,"iat":1699999999}"#, nil), ("{}", nil),
        ])
    func dates(claims: String, fault: CredentialFault?) throws {
        #expect(try self.fault(claims, site.hs256()) == fault)
    }

    @Test(
        "A date that is not a number is refused",
        arguments: CredentialFault.DateClaim.allCases,
        [#""1700000000""#, "true", "false", "null", "[]", "[1700000000]", "{}", #""""#])
    func notADate(claim: CredentialFault.DateClaim, value: String) throws {
        #expect(try fault(#"{"\#(claim.rawValue)":\#(value)}"#, site.hs256()) == .notADate(claim))
    }

    @Test("A token without exp is refused where one is required")
    func requiredExpiry() throws {
        let credentials = try site.hs256(requireExpiry: true)
        #expect(try fault("{}", credentials) == .noExpiry)
        #expect(try fault(#"{"iat":1}"#, credentials) == .noExpiry)
        #expect(try fault(#"{"exp":1699999999}"#, credentials) == nil)
        #expect(try fault(#"{"exp":1}"#, credentials) == .expired)
    }

    @Test(
        "The issuer is compared where one is configured",
        arguments: [
            (#"{"iss":"https://login.example/"}"#, nil), (#"{"iss":"https:\/\/login.example\/"}"#, nil),
            ("{}", CredentialFault.issuer), (#"{"iss":"https://login.example"}"#, .issuer), (#"{"iss":null}"#, .issuer),
            (#"{"iss":"HTTPS://login.example/"}"#, .issuer), (#"{"iss":["https://login.example/"]}"#, .issuer),
        ])
    func issuer(claims: String, fault: CredentialFault?) throws {
        #expect(try self.fault(claims, site.hs256(issuer: "https://login.example/")) == fault)
        #expect(try self.fault(claims, site.hs256()) == nil)
    }

    @Test(
        "The audience is one string or one of an array, where one is configured",
        arguments: [
            (#"{"aud":"news"}"#, nil), (#"{"aud":["other","news"]}"#, nil), (#"{"aud":[1,null,"news"]}"#, nil),
            ("{}", CredentialFault.audience), (#"{"aud":"other"}"#, .audience), (#"{"aud":[]}"#, .audience),
            (#"{"aud":["newsletter"]}"#, .audience), (#"{"aud":[["news"]]}"#, .audience), (#"{"aud":null}"#, .audience),
            (#"{"aud":{"news":"news"}}"#, .audience), (#"{"aud":""}"#, .audience),
        ])
    func audience(claims: String, fault: CredentialFault?) throws {
        #expect(try self.fault(claims, site.hs256(audience: "news")) == fault)
        #expect(try self.fault(claims, site.hs256()) == nil)
    }

    @Test("Texts are compared by their bytes, not by how they look")
    func bytes() throws {
        #expect(try fault("{\"iss\":\"e\u{301}\"}", site.hs256(issuer: "\u{E9}")) == .issuer)
        #expect(try fault("{\"aud\":\"e\u{301}\"}", site.hs256(audience: "\u{E9}")) == .audience)
    }

    private func fault(_ claims: String, _ credentials: SiteCredentials) throws -> CredentialFault? {
        let token = try TokenText.signed(
            header: #"{"alg":"HS256"}"#, claims: claims, by: site.keys.signer(.hs256))
        let fault = credentials.fault(of: token)
        #expect(credentials.passes(token) == (fault == nil))
        return fault
    }
}

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
