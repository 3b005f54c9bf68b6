import ConfigurationFile
import Credentials
import JSON
import Testing

@Suite struct TokenShapeTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test(
        "A token is exactly three parts",
        arguments: ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", ".", "...", "a..b.c", "no dots at all"])
    func parts(token: String) throws {
        let fault = try site.hs256().fault(of: token)
        #expect(fault == (token.isEmpty ? nil : .notThreeParts))
    }

    @Test("A fourth part is refused although the first three verify")
    func fourthPart() throws {
        let token = try signed(#"{"alg":"HS256"}"#)
        #expect(try site.hs256().passes(token))
        #expect(try site.hs256().fault(of: token + ".") == .notThreeParts)
        #expect(try site.hs256().fault(of: token + ".e30") == .notThreeParts)
        #expect(try site.hs256().fault(of: "." + token) == .notThreeParts)
    }

    @Test("8 KiB are looked at, a byte more is not")
    func size() throws {
        let fixed = try signed(#"{"alg":"HS256"}"#, claims: #"{"a":""}"#).utf8.count
        let text = String(repeating: "x", count: (8192 - fixed) / 4 * 3 + 6)
        var longest = ""
        for dropped in 0..<12 {
            let token = try signed(
                #"{"alg":"HS256"}"#, claims: #"{"a":"\#(text.dropLast(dropped))"}"#)
            guard token.utf8.count > 8192 else {
                longest = token
                break
            }
            #expect(try site.hs256().fault(of: token) == .tooLong)
        }
        #expect((8190...8192).contains(longest.utf8.count))
        #expect(try site.hs256().passes(longest))
    }

    @Test("Each part must be canonical base64url, also where the signature covers it as it stands")
    func encoding() throws {
        let signer = site.keys.signer(.hs256)
        let header = TokenText.base64URL(#"{"alg":"HS256"}"#.utf8)
        let claims = TokenText.base64URL(#"{"sub":"??>"}"#.utf8)
        let credentials = try site.hs256()
        #expect(credentials.passes(try TokenText.signed(parts: "\(header).\(claims)", by: signer)))
        for parts in ["\(header)=.\(claims)", "\(header).\(claims)==", "\(header).\(claims) ", "\n\(header).\(claims)"]
        {
            #expect(credentials.fault(of: try TokenText.signed(parts: parts, by: signer)) == .encoding)
        }
        let token = try TokenText.signed(parts: "\(header).\(claims)", by: signer)
        for wrong in [token + "=", token + " ", token + "\n", String(token.dropLast()) + "+"] {
            #expect(credentials.fault(of: wrong) == .encoding)
        }
    }

    @Test("The last character of a signature cannot be swapped for one that differs in unused bits")
    func trailingBits() throws {
        let token = try signed(#"{"alg":"HS256"}"#)
        let credentials = try site.hs256()
        let others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".filter { $0 != token.last }
        for character in others {
            #expect(credentials.fault(of: token.dropLast() + String(character)) != nil)
        }
    }

    @Test("Header and claims are read as strictly as a request's body")
    func strictJSON() throws {
        let credentials = try site.hs256()
        for (header, fault) in [
            ("", JSONError.Fault.truncated), ("[]", .notAnObject),
            (#"{"alg":"HS256","alg":"HS256"}"#, .duplicateMember),
            (#"{"alg":"none","\u0061lg":"HS256"}"#, .duplicateMember), (#"{"alg":"HS256"} "x""#, .trailingText),
            ("\u{FEFF}{\"alg\":\"HS256\"}", .byteOrderMark), (#"{"alg":"HS256","x":"\u0000"}"#, .nul),
            (#"{"alg":"HS256","x":\#(nested(32))}"#, .tooDeep),
        ] {
            guard case .header(let error)? = credentials.fault(of: try signed(header)) else {
                Issue.record("\(header) was not refused as a header")
                continue
            }
            #expect(error.fault == fault)
        }
        for (claims, fault) in [
            ("", JSONError.Fault.truncated), ("null", .notAnObject), (#"{"exp":1,"exp":9999999999}"#, .duplicateMember),
            (#"{"exp":1,"e\u0078p":9999999999}"#, .duplicateMember), (#"{"exp":1e999}"#, .numberOutOfRange),
            (#"{"sub":"\ud800"}"#, .loneSurrogate), (#"{"exp":NaN}"#, .malformed),
        ] {
            guard case .claims(let error)? = credentials.fault(of: try signed(claims: claims)) else {
                Issue.record("\(claims) were not refused as claims")
                continue
            }
            #expect(error.fault == fault)
        }
    }

    @Test("Claims are not read before the signature verifies")
    func signatureFirst() throws {
        let signed = TokenText.base64URL(#"{"alg":"HS256"}"#.utf8) + "." + TokenText.base64URL("not JSON".utf8)
        let forged = signed + "." + TokenText.base64URL([UInt8](repeating: 7, count: 32))
        #expect(try site.hs256().fault(of: forged) == .signature)
    }

    private func nested(_ arrays: Int) -> String {
        String(repeating: "[", count: arrays) + String(repeating: "]", count: arrays)
    }

    private func signed(_ header: String = #"{"alg":"HS256"}"#, claims: String = "{}") throws -> String {
        try TokenText.signed(header: header, claims: claims, by: site.keys.signer(.hs256))
    }
}

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
