import ConfigurationFile
import Credentials
import Crypto
import CryptoExtras
import JWTKit
import Testing

@Suite struct KeySelectionTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("A kid of the JWKS picks its key, and no other is tried")
    func known() async throws {
        let credentials = try await threeKeys()
        #expect(credentials.passes(try await token(.es256, kid: #""curve""#)))
        #expect(credentials.fault(of: try await token(.rs256, kid: #""curve""#)) == .algorithmOfAnotherKey(.rs256))
        #expect(credentials.fault(of: try await token(.hs256, kid: #""curve""#)) == .algorithmOfAnotherKey(.hs256))
    }

    @Test(
        "No kid, or an unknown one, falls back to the secret or the public key, whichever fits",
        arguments: [nil, #""another""#, #""""#, #""CURVE""#, #""curve ""#, #""curve\u0301""#])
    func unknown(kid: String?) async throws {
        let credentials = try await threeKeys()
        #expect(credentials.passes(try await token(.hs256, kid: kid)))
        #expect(credentials.passes(try await token(.rs256, kid: kid)))
        #expect(credentials.fault(of: try await token(.es256, kid: kid)) == (kid == nil ? nil : .noKey(.es256)))
    }

    @Test("A token without a kid is verified with the JWKS's key where just one fits its algorithm")
    func onlyKey() async throws {
        for members in [#""kid":"r""#, #""kid":null"#, #""use":"sig""#] {
            let jwks = try site.jwks(
                site.keys.jwk(.rs256, members: members), site.keys.jwk(.es256, members: #""kid":"e""#))
            let credentials = try await site.credentials(
                JWTConfiguration(secret: site.secret(), jwks: jwks, algorithms: [.rs256, .es256, .hs256]))
            for algorithm in [SignatureAlgorithm.rs256, .es256, .hs256] {
                #expect(credentials.passes(try await token(algorithm)))
            }
            // A kid that the set lacks is another key's, not none.
            #expect(credentials.fault(of: try await token(.rs256, kid: #""another""#)) == .noKey(.rs256))
            #expect(
                credentials.warnings.map { $0.message.contains("number 1, that has no kid: only tokens without") }
                    == (members == #""kid":"r""# ? [] : [true]))
        }
    }

    @Test("Where two keys of the JWKS fit, a token without a kid is verified with neither")
    func twoKeys() async throws {
        let other = P256.Signing.PrivateKey().publicKey.rawRepresentation
        let x = TokenText.base64URL(other.prefix(32))
        let y = TokenText.base64URL(other.suffix(32))
        for kid in [#","kid":"other""#, "", #","kid":"e""#] {
            let jwks = try site.jwks(
                site.keys.jwk(.es256, members: #""kid":"e""#),
                #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"\#(kid)}"#)
            let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
            #expect(credentials.fault(of: try await token(.es256)) == .noKey(.es256))
            #expect(credentials.passes(try await token(.es256, kid: #""e""#)))
        }
    }

    @Test("An only key without a kid needs no warning")
    func onlyKeyUnnamed() async throws {
        let credentials = try await site.credentials(
            JWTConfiguration(jwks: site.jwks(site.keys.jwk(.es256)), algorithms: [.es256]))
        #expect(credentials.warnings.isEmpty)
        #expect(credentials.passes(try await token(.es256)))
    }

    @Test("The secret or the public key goes before the JWKS's only key")
    func fallbackFirst() async throws {
        let other = try _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey.pemRepresentation
        let credentials = try await site.credentials(
            JWTConfiguration(
                publicKey: site.file("public.pem", other),
                jwks: site.jwks(site.keys.jwk(.rs256, members: #""kid":"r""#)), algorithms: [.rs256]))
        #expect(credentials.fault(of: try await token(.rs256)) == .signature)
        #expect(credentials.passes(try await token(.rs256, kid: #""r""#)))
    }

    @Test("A key of the JWKS without an alg verifies each algorithm of its kind that is allowed")
    func algorithmsOfAKind() async throws {
        let jwks = try site.jwks(site.keys.jwk(.rs256, members: #""kid":"r""#))
        let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256, .rs512]))
        #expect(credentials.passes(try await token(.rs256, kid: #""r""#)))
        #expect(credentials.passes(try await token(.rs512, kid: #""r""#)))
        #expect(credentials.fault(of: try await token(.rs384, kid: #""r""#)) == .algorithmNotAllowed(.rs384))
    }

    @Test("A key's own alg narrows what it verifies")
    func ownAlgorithm() async throws {
        let jwks = try site.jwks(
            site.keys.jwk(.rs256, members: #""kid":"a""#, #""alg":"RS256""#),
            site.keys.jwk(.rs256, members: #""kid":"b""#, #""alg":"RS512""#))
        let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256, .rs512]))
        #expect(credentials.passes(try await token(.rs256, kid: #""a""#)))
        #expect(credentials.fault(of: try await token(.rs512, kid: #""a""#)) == .algorithmOfAnotherKey(.rs512))
        #expect(credentials.fault(of: try await token(.rs256, kid: #""b""#)) == .algorithmOfAnotherKey(.rs256))
    }

    @Test("A site's kid picks that site's key, whoever else uses the same kid")
    func kidOfAnotherSite() async throws {
        let other = try TestSite()
        let stranger = P256.Signing.PrivateKey()
        let point = stranger.publicKey.rawRepresentation
        let x = TokenText.base64URL(point.prefix(32))
        let y = TokenText.base64URL(point.suffix(32))
        let jwks = try other.jwks(#"{"kty":"EC","crv":"P-256","kid":"k","x":"\#(x)","y":"\#(y)"}"#)
        let theirs = try await other.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        let ours = try await site.credentials(
            JWTConfiguration(jwks: try site.jwks(site.keys.jwk(.es256, members: #""kid":"k""#)), algorithms: [.es256]))

        let keys = JWTKeyCollection()
        await keys.add(ecdsa: try ES256PrivateKey(backing: stranger))
        let theirToken = try TokenText.signed(
            header: #"{"alg":"ES256","kid":"k"}"#, claims: "{}", by: try await keys.getKey())
        let ourToken = try await token(.es256, kid: #""k""#)
        #expect(theirs.passes(theirToken) && ours.passes(ourToken))
        #expect(ours.fault(of: theirToken) == .signature)
        #expect(theirs.fault(of: ourToken) == .signature)
    }

    @Test("Two keys of one JWKS do not stand in for each other")
    func kidOfAnotherKey() async throws {
        let stranger = TokenText.base64URL(Curve25519.Signing.PrivateKey().publicKey.rawRepresentation)
        let jwks = try site.jwks(
            site.keys.jwk(.edDSA, members: #""kid":"a""#),
            #"{"kty":"OKP","crv":"Ed25519","kid":"b","x":"\#(stranger)"}"#)
        let credentials = try await site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.edDSA]))
        #expect(credentials.passes(try await token(.edDSA, kid: #""a""#)))
        #expect(credentials.fault(of: try await token(.edDSA, kid: #""b""#)) == .signature)
    }

    /// A JWKS with the EC key `curve`, an RSA public key, and a secret.
    private func threeKeys() async throws -> SiteCredentials {
        try await site.credentials(
            JWTConfiguration(
                secret: site.secret(), publicKey: site.file("public.pem", site.keys.pem(.rs256)),
                jwks: site.jwks(site.keys.jwk(.es256, members: #""kid":"curve""#)),
                algorithms: [.hs256, .rs256, .es256]))
    }

    private func token(_ algorithm: SignatureAlgorithm, kid: String? = nil) async throws -> String {
        try TokenText.signed(
            header: #"{"alg":"\#(algorithm.rawValue)"\#(kid.map { #","kid":\#($0)"# } ?? "")}"#, claims: "{}",
            by: try await site.keys.signer(algorithm))
    }
}
