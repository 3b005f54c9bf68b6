import ConfigurationFile
import Credentials
import Testing

@Suite struct JWKSFileTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test(
        "What is not an object with an array of keys is refused",
        arguments: [
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[]} x"#, #"{"keys":[]}"#, #"{"keys":["k"]}"#, #"{"keys":[{}]}"#,
            #"{"Keys":[]}"#,
        ])
    func malformed(text: String) throws {
        let error = site.error(JWTConfiguration(jwks: try site.file("jwks.json", text), algorithms: [.es256]))
        #expect(error?.message.contains("jwks.json") == true)
        #expect(error?.line == 12)
    }

    @Test("A file may begin with a byte order mark")
    func byteOrderMark() throws {
        let text = try "\u{FEFF}{\"keys\":[\(site.keys.jwk(.es256, members: #""kid":"k""#))]}\r\n"
        let jwks = try site.file("jwks.json", text)
        #expect(try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256])).warnings.isEmpty)
    }

    @Test("A shared secret or a private key is refused wherever it stands, even where it would be passed over")
    func secrets() throws {
        let good = try site.keys.jwk(.es256, members: #""kid":"good""#)
        for use in [#""use":"sig""#, #""use":"enc""#, #""kid":null"#, #""alg":"other""#] {
            for (key, words) in [
                (try site.keys.jwk(.hs256, members: use), "is a shared secret"),
                ("{\"kty\":\"oct\",\(use)}", "is a shared secret"),
                (try site.keys.jwk(.es256, members: #""d":"AAAA""#, use), "is a private key"),
                (try site.keys.jwk(.rs256, members: #""dp":"AAAA""#, use), "is a private key"),
                ("{\"kty\":\"AKP\",\"pub\":\"AAAA\",\"priv\":\"AAAA\",\(use)}", "is a private key"),
            ] {
                let jwks = try site.jwks(good, key)
                let message = site.error(JWTConfiguration(jwks: jwks, algorithms: [.es256]))?.message
                #expect(message?.contains("has a key, number 2, that \(words)") == true)
                #expect(message?.contains("AAAA") == false)
            }
        }
    }

    /// Keys that are passed over, each with what is said of it. `KEY` stands for the members of an EC key on P-256.
    private static let odd: [(String, String)] = [
        (#"1"#, "is not an object"), ("{}", "lacks the member kty"), (#"{"kid":"k"}"#, "lacks the member kty"),
        (#"{"kty":1,"kid":"k"}"#, "kty that is not a string"), (#"{"kty":null}"#, "lacks the member kty"),
        (#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#, "of a kind of no use"),
        (#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, "on a curve of no use"),
        (#"{"kty":"OKP","crv":"X25519","x":"AA"}"#, "of a kind of no use"), (#"{"kty":"EC","kid":"k"}"#, "member crv"),
        (#"{"kty":"EC","crv":"P-256","kid":"k"}"#, "lacks the member x"),
        (#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, "not 32 bytes each"),
        (#"{"kty":"EC","crv":"P-256","x":1,"y":2}"#, "x that is not a string"),
        (#"{"kty":"OKP","crv":"Ed25519","x":""}"#, "not base64url"),
        (#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, "is no key"), (#"{"kty":"RSA"}"#, "lacks the member n"),
        (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, "RSA key of 17 bits"),
        (#"{"kty":"RSA","n":"AQ==","e":"AQAB"}"#, "n that is not base64url without padding"),
        (#"{KEY,"use":1}"#, "use that is not a string"), (#"{KEY,"use":"enc"}"#, "use other than sig"),
        (#"{KEY,"use":"SIG"}"#, "use other than sig"), (#"{KEY,"key_ops":"verify"}"#, "not an array"),
        (#"{KEY,"key_ops":["encrypt"]}"#, "without verify"), (#"{KEY,"key_ops":[]}"#, "without verify"),
        (#"{KEY,"alg":"ES256K"}"#, "alg of no use"), (#"{KEY,"alg":"ECDH-ES"}"#, "alg of no use"),
        (#"{KEY,"alg":"PS256"}"#, "alg of no use"), (#"{KEY,"alg":["ES256"]}"#, "alg that is not a string"),
        (#"{KEY,"alg":"RS256"}"#, "does not fit its kty"), (#"{KEY,"kid":1}"#, "kid that is not a string"),
        (#"{KEY}"#, "no kid, and others fit"), (#"{KEY,"kid":null}"#, "no kid, and others fit"),
        (#"{KEY,"kid":"good"}"#, "the kid and the algorithm of a key before it"),
    ]

    @Test(
        "A key that is not understood or of no use is passed over with a warning, and the others verify", arguments: odd
    )
    func passedOver(key: String, words: String) throws {
        let members = try site.keys.jwk(.es256).dropFirst().dropLast()
        let jwks = try site.jwks(
            site.keys.jwk(.es256, members: #""kid":"good""#), key.replacing("KEY", with: members),
            site.keys.jwk(.rs256, members: #""kid":"rsa""#))
        let credentials = try site.credentials(
            JWTConfiguration(jwks: jwks, algorithms: [.es256, .rs256, .edDSA]))
        let warnings = credentials.warnings.filter { !$0.message.contains("allows EdDSA") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.message.contains("has a key, number 2, that is not used: it ") == true)
        #expect(warnings.first?.message.contains(words) == true, "\(credentials.warnings)")
        #expect(credentials.passes(try token(.es256, kid: "good")))
        #expect(credentials.passes(try token(.rs256, kid: "rsa")))
        // Alone it leaves nothing, and the error says why; an only key needs no kid.
        let alone = try site.jwks(key.replacing("KEY", with: members))
        let error = site.error(JWTConfiguration(jwks: alone, algorithms: [.es256, .rs256, .edDSA]))
        if words.contains("others fit") || words.contains("before it") {
            #expect(error == nil)
        } else {
            #expect(error?.message.contains(words) == true)
        }
    }

    @Test("Of a member that is given twice in one object the last counts, with a warning")
    func duplicateMember() throws {
        let key = try site.keys.jwk(.es256, members: #""kid":"a""#, #""kid":"b""#)
        let jwks = try site.jwks(key, site.keys.jwk(.rs256, members: #""kid":"rsa""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256, .rs256]))
        #expect(credentials.warnings.map { $0.message.contains("has a member twice in one object") } == [true])
        #expect(credentials.passes(try token(.es256, kid: "b")))
        #expect(credentials.fault(of: try token(.es256, kid: "a")) == .noKey(.es256))
        #expect(credentials.passes(try token(.rs256, kid: "rsa")))
    }

    @Test("Members that are null count as missing, as some write every member that they know")
    func nullMembers() throws {
        let nulls = [
            "use", "key_ops", "alg", "d", "p", "q", "dp", "dq", "qi", "oth", "k", "x5u", "x5c", "x5t",
        ].map { "\"\($0)\":null" }.joined(separator: ",")
        let jwks = try site.jwks(site.keys.jwk(.rs256, members: #""kid":"k""#, nulls))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256]))
        #expect(credentials.warnings.isEmpty)
        #expect(credentials.passes(try token(.rs256, kid: "k")))
    }

    @Test("One kid may name keys of several kinds, each for its own algorithms")
    func sharedKeyID() throws {
        let jwks = try site.jwks(
            site.keys.jwk(.es256, members: #""kid":"k""#), site.keys.jwk(.edDSA, members: #""kid":"k""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256, .edDSA]))
        #expect(credentials.warnings.isEmpty)
        #expect(credentials.passes(try token(.es256, kid: "k")))
        #expect(credentials.passes(try token(.edDSA, kid: "k")))
    }

    @Test("An algorithm that no key of the set fits yet is warned of, so that keys can change")
    func algorithmWithoutKey() throws {
        let jwks = try site.jwks(site.keys.jwk(.rs256, members: #""kid":"k""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256, .es256]))
        #expect(credentials.warnings.map { $0.message.contains("allows ES256, which none") } == [true])
        #expect(credentials.fault(of: try token(.es256, kid: "k")) == .algorithmOfAnotherKey(.es256))
    }

    @Test("Ed25519 is EdDSA, whichever of both names key and token use", arguments: ["EdDSA", "Ed25519"])
    func ed25519(name: String) throws {
        let jwks = try site.jwks(site.keys.jwk(.edDSA, members: #""kid":"k""#, "\"alg\":\"\(name)\""))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.edDSA]))
        #expect(credentials.warnings.isEmpty)
        let signer = site.keys.signer(.edDSA)
        for named in ["EdDSA", "Ed25519"] {
            let header = "{\"alg\":\"\(named)\",\"kid\":\"k\"}"
            #expect(credentials.passes(try TokenText.signed(header: header, claims: "{}", by: signer)))
        }
    }

    @Test(
        "Members that say what a key is for may say that it verifies",
        arguments: [#""use":"sig""#, #""key_ops":["verify"]"#, #""key_ops":["sign","verify"]"#, #""alg":"ES256""#])
    func verifies(member: String) throws {
        let jwks = try site.jwks(site.keys.jwk(.es256, members: #""kid":"k""#, member, #""x5c":["AAAA"]"#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        #expect(credentials.warnings.isEmpty)
    }

    @Test("A point that is not on its curve is passed over")
    func wrongPoint() throws {
        let one = TokenText.base64URL([UInt8](repeating: 1, count: 32))
        let key = #"{"kty":"EC","crv":"P-256","kid":"k","x":"\#(one)","y":"\#(one)"}"#
        #expect(try message(key)?.contains("is no key") == true)
    }

    @Test("An RSA key's size is counted without leading zeros")
    func shortRSA() throws {
        let modulus = TokenText.base64URL([0, 0x7F] + [UInt8](repeating: 0xFF, count: 255))
        let message = try message(#"{"kty":"RSA","kid":"k","n":"\#(modulus)","e":"AQAB"}"#)
        #expect(message?.contains("RSA key of 2047 bits") == true)
    }

    private func message(_ key: String) throws -> String? {
        site.error(JWTConfiguration(jwks: try site.jwks(key), algorithms: [.es256, .rs256, .edDSA]))?.message
    }

    private func token(_ algorithm: SignatureAlgorithm, kid: String) throws -> String {
        try TokenText.signed(
            header: #"{"alg":"\#(algorithm.rawValue)","kid":"\#(kid)"}"#, claims: "{}",
            by: site.keys.signer(algorithm))
    }
}
