import ConfigurationFile
import Credentials
import Testing

@Suite struct KeySelectionTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("A kid of the JWKS picks its key, and no other is tried")
    func known() throws {
        let credentials = try threeKeys()
        #expect(credentials.passes(try token(.es256, kid: #""curve""#)))
        #expect(credentials.fault(of: try token(.rs256, kid: #""curve""#)) == .algorithmOfAnotherKey(.rs256))
        #expect(credentials.fault(of: try token(.hs256, kid: #""curve""#)) == .algorithmOfAnotherKey(.hs256))
    }

    @Test(
        "No kid, or an unknown one, falls back to the secret or the public key, whichever fits",
        arguments: [nil, #""another""#, #""""#, #""CURVE""#, #""curve ""#, #""curve\u0301""#])
    func unknown(kid: String?) throws {
        let credentials = try threeKeys()
        #expect(credentials.passes(try token(.hs256, kid: kid)))
        #expect(credentials.passes(try token(.rs256, kid: kid)))
        #expect(credentials.fault(of: try token(.es256, kid: kid)) == (kid == nil ? nil : .noKey(.es256)))
    }

    @Test("A token without a kid is verified with the JWKS's key where just one fits its algorithm")
    func onlyKey() throws {
        for members in [#""kid":"r""#, #""kid":null"#, #""use":"sig""#] {
            let jwks = try site.jwks(
                site.keys.jwk(.rs256, members: members), site.keys.jwk(.es256, members: #""kid":"e""#))
            let credentials = try site.credentials(
                JWTConfiguration(secret: site.secret(), jwks: jwks, algorithms: [.rs256, .es256, .hs256]))
            for algorithm in [SignatureAlgorithm.rs256, .es256, .hs256] {
                #expect(credentials.passes(try token(algorithm)))
            }
            // A kid that the set lacks is another key's, not none.
            #expect(credentials.fault(of: try token(.rs256, kid: #""another""#)) == .noKey(.rs256))
            #expect(
                credentials.warnings.map { $0.message.contains("number 1, that has no kid: only tokens without") }
                    == (members == #""kid":"r""# ? [] : [true]))
        }
    }

    @Test("Where two keys of the JWKS fit, a token without a kid is verified with neither")
    func twoKeys() throws {
        let other = try TestKeys.members(.ec("P-256", coordinateBytes: 32), on: "P-256")
        for kid in [#","kid":"other""#, "", #","kid":"e""#] {
            let jwks = try site.jwks(
                site.keys.jwk(.es256, members: #""kid":"e""#),
                "{\(other)\(kid)}")
            let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
            #expect(credentials.fault(of: try token(.es256)) == .noKey(.es256))
            #expect(credentials.passes(try token(.es256, kid: #""e""#)))
        }
    }

    @Test("An only key without a kid needs no warning")
    func onlyKeyUnnamed() throws {
        let credentials = try site.credentials(
            JWTConfiguration(jwks: site.jwks(site.keys.jwk(.es256)), algorithms: [.es256]))
        #expect(credentials.warnings.isEmpty)
        #expect(credentials.passes(try token(.es256)))
    }

    @Test("The secret or the public key goes before the JWKS's only key")
    func fallbackFirst() throws {
        let other = try TestKey.rsa().publicPEM
        let credentials = try site.credentials(
            JWTConfiguration(
                publicKey: site.file("public.pem", other),
                jwks: site.jwks(site.keys.jwk(.rs256, members: #""kid":"r""#)), algorithms: [.rs256]))
        #expect(credentials.fault(of: try token(.rs256)) == .signature)
        #expect(credentials.passes(try token(.rs256, kid: #""r""#)))
    }

    @Test("A key of the JWKS without an alg verifies each algorithm of its kind that is allowed")
    func algorithmsOfAKind() throws {
        let jwks = try site.jwks(site.keys.jwk(.rs256, members: #""kid":"r""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256, .rs512]))
        #expect(credentials.passes(try token(.rs256, kid: #""r""#)))
        #expect(credentials.passes(try token(.rs512, kid: #""r""#)))
        #expect(credentials.fault(of: try token(.rs384, kid: #""r""#)) == .algorithmNotAllowed(.rs384))
    }

    @Test("A key's own alg narrows what it verifies")
    func ownAlgorithm() throws {
        let jwks = try site.jwks(
            site.keys.jwk(.rs256, members: #""kid":"a""#, #""alg":"RS256""#),
            site.keys.jwk(.rs256, members: #""kid":"b""#, #""alg":"RS512""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256, .rs512]))
        #expect(credentials.passes(try token(.rs256, kid: #""a""#)))
        #expect(credentials.fault(of: try token(.rs512, kid: #""a""#)) == .algorithmOfAnotherKey(.rs512))
        #expect(credentials.fault(of: try token(.rs256, kid: #""b""#)) == .algorithmOfAnotherKey(.rs256))
    }

    @Test("A site's kid picks that site's key, whoever else uses the same kid")
    func kidOfAnotherSite() throws {
        let other = try TestSite()
        let stranger = try TestKey.ec("P-256", coordinateBytes: 32)
        let jwks = try other.jwks(#"{\#(TestKeys.members(stranger, on: "P-256")),"kid":"k"}"#)
        let theirs = try other.credentials(JWTConfiguration(jwks: jwks, algorithms: [.es256]))
        let ours = try site.credentials(
            JWTConfiguration(jwks: try site.jwks(site.keys.jwk(.es256, members: #""kid":"k""#)), algorithms: [.es256]))

        let theirToken = try TokenText.signed(
            header: #"{"alg":"ES256","kid":"k"}"#, claims: "{}", by: .key(stranger, digest: "SHA256"))
        let ourToken = try token(.es256, kid: #""k""#)
        #expect(theirs.passes(theirToken) && ours.passes(ourToken))
        #expect(ours.fault(of: theirToken) == .signature)
        #expect(theirs.fault(of: ourToken) == .signature)
    }

    @Test("Two keys of one JWKS do not stand in for each other")
    func kidOfAnotherKey() throws {
        let stranger = try TestKeys.members(.ed25519(), on: "Ed25519")
        let jwks = try site.jwks(
            site.keys.jwk(.edDSA, members: #""kid":"a""#),
            #"{\#(stranger),"kid":"b"}"#)
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.edDSA]))
        #expect(credentials.passes(try token(.edDSA, kid: #""a""#)))
        #expect(credentials.fault(of: try token(.edDSA, kid: #""b""#)) == .signature)
    }

    /// A JWKS with the EC key `curve`, an RSA public key, and a secret.
    private func threeKeys() throws -> SiteCredentials {
        try site.credentials(
            JWTConfiguration(
                secret: site.secret(), publicKey: site.file("public.pem", site.keys.pem(.rs256)),
                jwks: site.jwks(site.keys.jwk(.es256, members: #""kid":"curve""#)),
                algorithms: [.hs256, .rs256, .es256]))
    }

    private func token(_ algorithm: SignatureAlgorithm, kid: String? = nil) throws -> String {
        try TokenText.signed(
            header: #"{"alg":"\#(algorithm.rawValue)"\#(kid.map { #","kid":\#($0)"# } ?? "")}"#, claims: "{}",
            by: site.keys.signer(algorithm))
    }
}
