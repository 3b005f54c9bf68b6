import ConfigurationFile
import Credentials
import Testing

@Suite struct TokenHeaderTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test(
        "A member that changes how the token is read, or names a key, is refused whatever it holds",
        arguments: CredentialFault.ForbiddenMember.allCases,
        ["null", "true", "false", "[]", #"["exp"]"#, "{}", #""https://keys.example/""#, #"{"kty":"oct","k":"AAAA"}"#])
    func forbidden(member: CredentialFault.ForbiddenMember, value: String) throws {
        let header = #"{"alg":"HS256","\#(member.rawValue)":\#(value)}"#
        #expect(try fault(header) == .forbiddenMember(member))
    }

    @Test(
        "An algorithm that is missing, none, or unknown is refused",
        arguments: [
            "{}", #"{"typ":"JWT"}"#, #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"NONE"}"#, #"{"alg":""}"#,
            #"{"alg":"hs256"}"#, #"{"alg":"HS256 "}"#, #"{"alg":"HS1"}"#, #"{"alg":"PS256"}"#, #"{"alg":"ES256K"}"#,
            #"{"alg":"Ed448"}"#, #"{"alg":"ed25519"}"#, #"{"alg":"dir"}"#, #"{"ALG":"HS256"}"#,
        ])
    func unknownAlgorithm(header: String) throws {
        #expect(try fault(header) == .unknownAlgorithm)
    }

    @Test("An unsigned token is refused with its signature empty or not")
    func unsigned() throws {
        let parts = TokenText.base64URL(#"{"alg":"none"}"#.utf8) + "." + TokenText.base64URL("{}".utf8)
        #expect(try site.hs256().fault(of: parts + ".") == .unknownAlgorithm)
        #expect(try site.hs256().fault(of: parts + ".AAAA") == .unknownAlgorithm)
    }

    @Test(
        "alg, kid and typ are strings",
        arguments: CredentialFault.TextMember.allCases, ["null", "1", "true", #"["HS256"]"#, "{}"])
    func notText(member: CredentialFault.TextMember, value: String) throws {
        let algorithm = member == .alg ? "" : #","alg":"HS256""#
        #expect(try fault(#"{"\#(member.rawValue)":\#(value)\#(algorithm)}"#) == .notText(member))
    }

    @Test(
        "Members that change nothing are passed over",
        arguments: [#""typ":"JWT""#, #""typ":"at+jwt""#, #""cty":"x""#, #""x5t":"AAAA""#, #""own":{"crit":["b64"]}"#])
    func ignored(member: String) throws {
        #expect(try fault(#"{"alg":"HS256",\#(member)}"#) == nil)
    }

    /// What is wrong with a token that is rightly signed under `header`.
    private func fault(_ header: String) throws -> CredentialFault? {
        let token = try TokenText.signed(header: header, claims: "{}", by: site.keys.signer(.hs256))
        let credentials = try site.hs256()
        let fault = credentials.fault(of: token)
        #expect(credentials.passes(token) == (fault == nil))
        return fault
    }
}
