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
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#, #"{"keys":[]} x"#, #"{"keys":[]}"#,
            "\u{FEFF}{\"keys\":[]}", #"{"keys":["k"]}"#, #"{"keys":[{}]}"#, #"{"Keys":[]}"#,
        ])
    func malformed(text: String) async throws {
        let error = await site.error(JWTConfiguration(jwks: try site.file("jwks.json", text), algorithms: [.es256]))
        #expect(error?.message.contains("jwks.json") == true)
        #expect(error?.line == 12)
    }

    @Test("A duplicate member in a key is refused")
    func duplicateMember() async throws {
        let key = try site.keys.jwk(.es256, members: #""kid":"a""#, #""kid":"b""#)
        #expect(try await message(key)?.contains("member twice") == true)
    }

    @Test("A key without a kid, with an empty one, or with another's is refused")
    func kid() async throws {
        #expect(try await message(site.keys.jwk(.es256))?.contains("lacks the member kid") == true)
        #expect(try await message(site.keys.jwk(.es256, members: #""kid":"""#))?.contains("empty kid") == true)
        #expect(try await message(site.keys.jwk(.es256, members: #""kid":1"#))?.contains("not a string") == true)
        let key = try site.keys.jwk(.es256, members: #""kid":"k""#)
        let jwks = try site.jwks(key, key)
        let error = await site.error(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        #expect(error?.message.contains("number 2, that has the same kid") == true)
    }

    @Test("A shared secret or a private key is refused even where it would be passed over")
    func secrets() async throws {
        for use in [#""use":"sig""#, #""use":"enc""#] {
            let secret = try site.keys.jwk(.hs256, members: #""kid":"k""#, use)
            #expect(try await message(secret)?.contains("is a shared secret") == true)
            let key = try site.keys.jwk(.es256, members: #""kid":"k""#, #""d":"AAAA""#, use)
            #expect(try await message(key)?.contains("is a private key") == true)
        }
    }

    @Test(
        "A key that serves another purpose is passed over with a warning",
        arguments: [
            #""use":"enc""#, #""use":"other""#, #""key_ops":["encrypt"]"#, #""key_ops":[]"#, #""alg":"ES256K""#,
            #""alg":"ECDH-ES""#,
        ])
    func otherPurpose(member: String) async throws {
        let jwks = try site.jwks(
            site.keys.jwk(.es256, members: #""kid":"a""#, member), site.keys.jwk(.es256, members: #""kid":"b""#))
        let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        #expect(credentials.warnings.map { $0.message.contains("number 1, that is not used") } == [true])
        let signer = try await site.keys.signer(.es256)
        #expect(
            credentials.passes(try TokenText.signed(header: #"{"alg":"ES256","kid":"b"}"#, claims: "{}", by: signer)))
        let passedOver = try TokenText.signed(header: #"{"alg":"ES256","kid":"a"}"#, claims: "{}", by: signer)
        #expect(credentials.fault(of: passedOver) == .noKey(.es256))
    }

    @Test("A key of a kind or for an algorithm that is not allowed is passed over with a warning")
    func otherKinds() async throws {
        let jwks = try site.jwks(
            #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, #"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
            #"{"kty":"AKP"}"#, site.keys.jwk(.rs256), site.keys.jwk(.es256, members: #""kid":"k""#))
        let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        #expect(credentials.warnings.count == 4)
    }

    @Test(
        "Members that say what a key is for may say that it verifies",
        arguments: [#""use":"sig""#, #""key_ops":["verify"]"#, #""key_ops":["sign","verify"]"#, #""alg":"ES256""#])
    func verifies(member: String) async throws {
        let jwks = try site.jwks(site.keys.jwk(.es256, members: #""kid":"k""#, member, #""x5c":["AAAA"]"#))
        let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        #expect(credentials.warnings.isEmpty)
    }

    @Test(
        "A key whose members are wrong is refused",
        arguments: [
            #"{"kid":"k"}"#, #"{"kty":1,"kid":"k"}"#, #"{"kty":"EC","crv":"P-256","kid":"k"}"#,
            #"{"kty":"EC","crv":"P-256","kid":"k","x":"AA","y":"AA"}"#,
            #"{"kty":"EC","crv":"P-256","kid":"k","x":1,"y":2}"#, #"{"kty":"OKP","crv":"Ed25519","kid":"k","x":""}"#,
            #"{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AAAA"}"#, #"{"kty":"RSA","kid":"k"}"#,
            #"{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","kid":"k","n":"AQ==","e":"AQAB"}"#,
            #"{"kty":"EC","crv":"P-256","kid":"k","use":1}"#,
            #"{"kty":"EC","crv":"P-256","kid":"k","key_ops":"verify"}"#,
        ])
    func wrongMembers(key: String) async throws {
        #expect(try await message(key)?.contains("has a key, number 1, that") == true)
    }

    @Test("A point that is not on its curve, and an alg of another kind of key, are refused")
    func wrongPoint() async throws {
        let one = TokenText.base64URL([UInt8](repeating: 1, count: 32))
        let key = #"{"kty":"EC","crv":"P-256","kid":"k","x":"\#(one)","y":"\#(one)"}"#
        #expect(try await message(key)?.contains("is no key") == true)
        let mismatch = try site.keys.jwk(.es256, members: #""kid":"k""#, #""alg":"RS256""#)
        #expect(try await message(mismatch)?.contains("does not fit its kty") == true)
    }

    @Test("An RSA key's size is counted without leading zeros")
    func shortRSA() async throws {
        let modulus = TokenText.base64URL([0, 0x7F] + [UInt8](repeating: 0xFF, count: 255))
        let message = try await message(#"{"kty":"RSA","kid":"k","n":"\#(modulus)","e":"AQAB"}"#)
        #expect(message?.contains("RSA key of 2047 bits") == true)
    }

    private func message(_ key: String) async throws -> String? {
        await site.error(JWTConfiguration(jwks: try site.jwks(key), algorithms: [.es256, .rs256, .edDSA]))?.message
    }
}
