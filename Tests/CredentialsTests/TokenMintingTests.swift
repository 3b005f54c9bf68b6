import ConfigurationFile
import Credentials
import Testing

@Suite struct TokenMintingTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test(
        "A minted token passes at the site that it was minted for",
        arguments: [SignatureAlgorithm.hs256, .hs384, .hs512])
    func passes(algorithm: SignatureAlgorithm) throws {
        let configuration = try configuration([.hs256, .hs384, .hs512])
        let token = try TokenMinting(site: configuration).token(
            subject: "visitor", issuedAtSeconds: 1_700_000_000, lifetimeSeconds: 300, algorithm: algorithm)
        let credentials = try SiteCredentials(site: configuration)
        #expect(credentials.passes(token))
        #expect(credentials.fault(of: token, nowSeconds: 1_700_000_360) == .expired)
        #expect(credentials.fault(of: token, nowSeconds: 1_699_999_939) == .issuedInFuture)
    }

    @Test("Issuer and audience are the site's own unless others are given")
    func issuer() throws {
        let configuration = try configuration([.hs256])
        let minting = try TokenMinting(site: configuration)
        let credentials = try SiteCredentials(site: configuration)
        let issuer = try minting.token(issuedAtSeconds: 1_700_000_000, lifetimeSeconds: 300, issuer: "another")
        #expect(credentials.fault(of: issuer) == .issuer)
        let audience = try minting.token(issuedAtSeconds: 1_700_000_000, lifetimeSeconds: 300, audience: "another")
        #expect(credentials.fault(of: audience) == .audience)
    }

    @Test("A subject with anything in it is written as JSON", arguments: ["\"\\\u{0}\u{1F}\n", "é\u{2028}", ""])
    func subject(text: String) throws {
        let configuration = try configuration([.hs256])
        let token = try TokenMinting(site: configuration).token(
            subject: text, issuedAtSeconds: 1_700_000_000, lifetimeSeconds: 300)
        let fault = try SiteCredentials(site: configuration).fault(of: token)
        // The reader takes no NUL, escaped or not; all else is read.
        #expect((fault == nil) == !text.contains("\u{0}"))
    }

    @Test("A lifetime beyond all bounds is no reason to stop")
    func longLife() throws {
        let configuration = try configuration([.hs256])
        let token = try TokenMinting(site: configuration).token(
            issuedAtSeconds: 1_700_000_000, lifetimeSeconds: .max)
        #expect(try SiteCredentials(site: configuration).passes(token))
    }

    @Test("A site without a secret, or without an algorithm for it, says so")
    func errors() throws {
        #expect(throws: TokenMintingError.noSecret) { try TokenMinting(site: SiteConfiguration(origins: .any)) }
        let publicKey = try site.file("public.pem", site.keys.pem(.rs256))
        let jwt = JWTConfiguration(publicKey: publicKey, algorithms: [.rs256])
        #expect(throws: TokenMintingError.noSecret) {
            try TokenMinting(site: SiteConfiguration(origins: .any, jwt: jwt))
        }
        let minting = try TokenMinting(site: configuration([.hs256]))
        #expect(throws: TokenMintingError.algorithmNotAllowed(.hs512)) {
            try minting.token(issuedAtSeconds: 0, lifetimeSeconds: 1, algorithm: .hs512)
        }
        let none = try TokenMinting(site: configuration([.rs256]))
        #expect(throws: TokenMintingError.noAlgorithm) { try none.token(issuedAtSeconds: 0, lifetimeSeconds: 1) }
    }

    private func configuration(_ algorithms: Set<SignatureAlgorithm>) throws -> SiteConfiguration {
        SiteConfiguration(
            origins: .any,
            jwt: JWTConfiguration(
                secret: try site.secret(), algorithms: algorithms, issuer: #"https://"login"/"#, audience: "news"))
    }
}
