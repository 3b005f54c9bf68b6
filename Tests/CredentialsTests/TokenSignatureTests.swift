import ConfigurationFile
import Credentials
import Testing

@Suite struct TokenSignatureTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("A token of each algorithm verifies with its key", arguments: SignatureAlgorithm.allCases)
    func everyAlgorithm(algorithm: SignatureAlgorithm) throws {
        let credentials = try site.credentials(configuration(algorithm))
        #expect(credentials.passes(try token(algorithm)))
    }

    @Test("A token of each public-key algorithm verifies with its JWK", arguments: publicKeyAlgorithms)
    func everyJWK(algorithm: SignatureAlgorithm) throws {
        let jwks = try site.jwks(site.keys.jwk(algorithm, members: #""kid":"k""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [algorithm]))
        #expect(credentials.passes(try token(algorithm, kid: "k")))
    }

    @Test("A public key's signature is left to whoever can wait, once for each token; a secret's is verified at once")
    func dear() throws {
        for algorithm in SignatureAlgorithm.allCases {
            let credentials = try site.credentials(configuration(algorithm))
            let good = PresentedCredentials(tokens: [.init(scheme: .bearer, text: try token(algorithm))])
            let isDear = Self.publicKeyAlgorithms.contains(algorithm)
            let signed = TokenText.base64URL(header(algorithm).utf8) + "." + TokenText.base64URL("{}".utf8)
            let bad = PresentedCredentials(tokens: [.init(scheme: .bearer, text: signed + ".AAAA")])
            for _ in 0..<2 {
                #expect(credentials.dearCheck(bad)?.verdict() == (isDear ? Self.refused : nil), "\(algorithm)")
            }
            #expect(credentials.dearCheck(good)?.verdict() == (isDear ? .passed(by: .bearer) : nil), "\(algorithm)")
            #expect(credentials.dearCheck(good)?.verdict() == nil, "\(algorithm): it is known by now")
            #expect(credentials.check(good, nowSeconds: TestSite.nowSeconds) == .passed(by: .bearer))
        }
    }

    private static let refused = Verdict.refused([.init(scheme: .bearer, fault: .signature)])

    @Test("A bit flipped anywhere in the signature is noticed", arguments: SignatureAlgorithm.allCases)
    func flippedSignature(algorithm: SignatureAlgorithm) throws {
        let credentials = try site.credentials(configuration(algorithm))
        let signed = TokenText.base64URL(header(algorithm).utf8) + "." + TokenText.base64URL("{}".utf8)
        let signature = try site.keys.signer(algorithm).sign(Array(signed.utf8))
        for index in stride(from: 0, to: signature.count, by: max(1, signature.count / 16)) {
            var flipped = signature
            flipped[index] ^= 1 << UInt8.random(in: 0..<8)
            #expect(credentials.fault(of: signed + "." + TokenText.base64URL(flipped)) == .signature)
        }
    }

    @Test("A signature cut short or drawn out is noticed", arguments: SignatureAlgorithm.allCases)
    func signatureOfAnotherSize(algorithm: SignatureAlgorithm) throws {
        let credentials = try site.credentials(configuration(algorithm))
        let signed = TokenText.base64URL(header(algorithm).utf8) + "." + TokenText.base64URL("{}".utf8)
        let signature = try site.keys.signer(algorithm).sign(Array(signed.utf8))
        for wrong in [Array(signature.dropLast()), signature + [0], [0] + signature, [0], signature + signature] {
            #expect(credentials.fault(of: signed + "." + TokenText.base64URL(wrong)) == .signature)
        }
        #expect(credentials.fault(of: signed + ".") == .noSignature)
    }

    @Test("Changed claims under an old signature are noticed", arguments: SignatureAlgorithm.allCases)
    func changedClaims(algorithm: SignatureAlgorithm) throws {
        let credentials = try site.credentials(configuration(algorithm))
        let parts = try token(algorithm).split(separator: ".")
        let forged = [parts[0], TokenText.base64URL(#"{"sub":"another"}"#.utf8)[...], parts[2]].joined(separator: ".")
        #expect(credentials.fault(of: forged) == .signature)
    }

    @Test("A signature of all zeros is no signature", arguments: publicKeyAlgorithms)
    func zeros(algorithm: SignatureAlgorithm) throws {
        let credentials = try site.credentials(configuration(algorithm))
        let size = try site.keys.signer(algorithm).sign([0]).count
        let signed = TokenText.base64URL(header(algorithm).utf8) + "." + TokenText.base64URL("{}".utf8)
        #expect(
            credentials.fault(of: signed + "." + TokenText.base64URL([UInt8](repeating: 0, count: size))) == .signature)
    }

    @Test("A public key's text is never taken for a secret", arguments: publicKeyAlgorithms)
    func publicKeyAsSecret(algorithm: SignatureAlgorithm) throws {
        let both = JWTConfiguration(
            secret: try site.secret(), publicKey: try site.file("public.pem", site.keys.pem(algorithm)),
            algorithms: [algorithm, .hs256, .hs512])
        let credentials = try site.credentials(both)
        for text in [site.keys.pem(algorithm), site.keys.pem(algorithm) + "\n"] {
            let signer = TestSigner.secret(Array(text.utf8), digest: "SHA256")
            let forged = try TokenText.signed(header: header(.hs256), claims: "{}", by: signer)
            #expect(credentials.fault(of: forged) == .signature)
            let only = try site.credentials(configuration(algorithm))
            #expect(only.fault(of: forged) == .algorithmNotAllowed(.hs256))
        }
    }

    @Test("A header that names another algorithm than the one that signed is noticed")
    func swappedAlgorithm() throws {
        let jwt = JWTConfiguration(
            secret: try site.secret(), publicKey: try site.file("public.pem", site.keys.pem(.rs256)),
            algorithms: [.hs256, .hs384, .hs512, .rs256, .rs384, .rs512])
        let credentials = try site.credentials(jwt)
        for (named, used) in [(SignatureAlgorithm.hs256, SignatureAlgorithm.hs512), (.hs384, .hs256), (.rs256, .rs512)]
        {
            let forged = try TokenText.signed(
                header: header(named), claims: "{}", by: site.keys.signer(used))
            #expect(credentials.fault(of: forged) == .signature)
        }
    }

    @Test("An algorithm that is not configured is refused although its key is there")
    func notAllowed() throws {
        let jwt = JWTConfiguration(publicKey: try site.file("public.pem", site.keys.pem(.rs256)), algorithms: [.rs512])
        let credentials = try site.credentials(jwt)
        #expect(credentials.fault(of: try token(.rs256)) == .algorithmNotAllowed(.rs256))
        #expect(credentials.passes(try token(.rs512)))
    }

    private static let publicKeyAlgorithms = SignatureAlgorithm.allCases.filter { !$0.rawValue.hasPrefix("HS") }

    private func configuration(_ algorithm: SignatureAlgorithm) throws -> JWTConfiguration {
        algorithm.rawValue.hasPrefix("HS")
            ? JWTConfiguration(secret: try site.secret(), algorithms: [algorithm])
            : JWTConfiguration(
                publicKey: try site.file("public.pem", site.keys.pem(algorithm)), algorithms: [algorithm])
    }

    private func header(_ algorithm: SignatureAlgorithm, kid: String? = nil) -> String {
        #"{"alg":"\#(algorithm.rawValue)","typ":"JWT"\#(kid.map { #","kid":"\#($0)""# } ?? "")}"#
    }

    private func token(_ algorithm: SignatureAlgorithm, kid: String? = nil) throws -> String {
        try TokenText.signed(
            header: header(algorithm, kid: kid), claims: #"{"sub":"visitor","exp":1700000100}"#,
            by: site.keys.signer(algorithm))
    }
}
