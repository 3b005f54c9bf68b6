import ConfigurationFile
import FastCGI
import Testing

@testable import Responder

@Suite("Credentials")
struct CredentialTests {
    private static let bare = TestRequest().bare

    private func expectRefused(_ answer: Response, error: String = "invalid_token") {
        #expect(answer.status == 401)
        #expect(answer.all("WWW-Authenticate").count == 1)
        #expect(answer.header("WWW-Authenticate")?.hasPrefix("Bearer ") == true)
        #expect(answer.header("WWW-Authenticate")?.contains("error=\"\(error)\"") == true)
    }

    @Test("each of the six verifies alone", arguments: CredentialScheme.allCases)
    func eachVerifies(_ scheme: CredentialScheme) async throws {
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: Self.bare.presenting(TestTokens.good, as: scheme)).status == 201)
        #expect(endpoint.records.count == 1)
    }

    @Test("each of the six that does not verify is refused alone", arguments: CredentialScheme.allCases)
    func eachRefused(_ scheme: CredentialScheme) async throws {
        let endpoint = try TestEndpoint()
        expectRefused(await endpoint.answer(to: Self.bare.presenting(TestTokens.expired, as: scheme)))
        #expect(endpoint.records.isEmpty)
    }

    @Test("any one that verifies is enough, wherever the others stand", arguments: CredentialScheme.allCases)
    func oneOfSix(_ good: CredentialScheme) async throws {
        let request = CredentialScheme.allCases.reduce(Self.bare) { request, scheme in
            request.presenting(scheme == good ? TestTokens.good : TestTokens.expired, as: scheme)
        }
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("six that do not verify are refused")
    func noneOfSix() async throws {
        let request = CredentialScheme.allCases.reduce(Self.bare) { $0.presenting(TestTokens.expired, as: $1) }
        expectRefused(try await TestEndpoint().answer(to: request))
    }

    @Test("a scheme that the site does not accept counts as not presented", arguments: CredentialScheme.allCases)
    func notAccepted(_ scheme: CredentialScheme) async throws {
        let good = Self.bare.presenting(TestTokens.good, as: scheme)
        let bad = Self.bare.presenting(TestTokens.expired, as: scheme)
        let required = try TestEndpoint { $0.credentialsAccepted.remove(scheme) }
        for request in [good, bad] {
            let answer = await required.answer(to: request)
            expectRefused(answer, error: "invalid_request")
            #expect(answer.body.contains("came, but this site does not accept it there"))
        }
        let optional = try TestEndpoint {
            $0.credentialsAccepted.remove(scheme)
            $0.credentialsRequired = .never
        }
        #expect(await optional.answer(to: bad).status == 201)
    }

    @Test("the only scheme that a site accepts verifies", arguments: CredentialScheme.allCases)
    func onlyOneAccepted(_ scheme: CredentialScheme) async throws {
        let endpoint = try TestEndpoint { $0.credentialsAccepted = [scheme] }
        #expect(await endpoint.answer(to: Self.bare.presenting(TestTokens.good, as: scheme)).status == 201)
    }

    @Test("a request without any is refused as such")
    func none() async throws {
        let answer = try await TestEndpoint().answer(to: Self.bare)
        expectRefused(answer, error: "invalid_request")
        #expect(
            answer.body.hasPrefix("The request presents no credential. Send the cookie blaize_session, or a token as "))
    }

    @Test("where sessions are off, none is asked for")
    func noneWithoutSessions() async throws {
        let answer = try await TestEndpoint { $0.session = .off }.answer(to: Self.bare)
        #expect(answer.body.hasPrefix("The request presents no credential. Send a token as "))
    }

    @Test("beside a bad one, what came and does not count is named")
    func besides() async throws {
        let endpoint = try TestEndpoint { $0.session = .off }
        let request = Self.bare.presenting(TestTokens.expired, as: .cookie).presenting(TestTokens.good, as: .session)
        let answer = await endpoint.answer(to: request)
        expectRefused(answer)
        #expect(answer.body.contains("expired") && answer.body.contains("sessions are off for this site"))
    }

    @Test("where none is required, nothing passes, a good one passes and only bad ones fail")
    func optional() async throws {
        let endpoint = try TestEndpoint { $0.credentialsRequired = .never }
        #expect(await endpoint.answer(to: Self.bare).status == 201)
        for scheme in CredentialScheme.allCases {
            #expect(await endpoint.answer(to: Self.bare.presenting(TestTokens.good, as: scheme)).status == 201)
            expectRefused(await endpoint.answer(to: Self.bare.presenting(TestTokens.expired, as: scheme)))
        }
    }

    @Test(
        "an Authorization that is not Bearer counts as not presented",
        arguments: [
            "Basic dXNlcjpwYXNzd29yZA==", "Digest username=\"a\", realm=\"b\"", "Bearer", "Bearer ", "Bearer   ", "",
            TestTokens.good, "Bearer\(TestTokens.good)", "Token \(TestTokens.good)",
        ])
    func otherAuthorization(_ value: String) async throws {
        let request = Self.bare.adding("HTTP_AUTHORIZATION", value)
        let answer = try await TestEndpoint().answer(to: request)
        expectRefused(answer, error: "invalid_request")
        #expect(answer.body.contains("an Authorization header came, but without a Bearer token") == !value.isEmpty)
        #expect(try await TestEndpoint { $0.credentialsRequired = .never }.answer(to: request).status == 201)
        let withToken = request.presenting(TestTokens.good, as: .zephrHeader)
        #expect(try await TestEndpoint().answer(to: withToken).status == 201)
    }

    @Test("the word Bearer may be written in any case", arguments: ["bearer", "BEARER", "bEaReR"])
    func bearerCase(_ word: String) async throws {
        let request = Self.bare.adding("HTTP_AUTHORIZATION", "\(word) \(TestTokens.good)")
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test(
        "an empty token counts as not presented",
        arguments: [
            ("HTTP_X_ZEPHR_JWT", ""), ("HTTP_X_BLAIZE_JWT", " "), ("QUERY_STRING", "jwt="), ("QUERY_STRING", "jwt"),
            ("HTTP_COOKIE", "blaize_jwt="), ("HTTP_COOKIE", "blaize_session="), ("HTTP_X_ZEPHR_JWT", ", ,"),
        ])
    func empty(name: String, value: String) async throws {
        let request = Self.bare.adding(name, value)
        expectRefused(try await TestEndpoint().answer(to: request), error: "invalid_request")
        #expect(try await TestEndpoint { $0.credentialsRequired = .never }.answer(to: request).status == 201)
    }

    @Test(
        "a token that does not verify is told why",
        arguments: [
            (TestTokens.expired, "expired"), (TestTokens.other, "signature does not verify"),
            (TestTokens.unsigned, "algorithm"), ("nonsense", "three parts"),
            (String(repeating: "a.", count: 5000), "8192"),
        ])
    func reasons(token: String, words: String) async throws {
        let answer = try await TestEndpoint().answer(to: Self.bare.presenting(token, as: .bearer))
        expectRefused(answer)
        #expect(answer.body.contains(words))
    }

    @Test("a site without keys verifies no token", arguments: CredentialScheme.allCases.filter { $0 != .session })
    func noKeys(_ scheme: CredentialScheme) async throws {
        let endpoint = try TestEndpoint(sites: ["default": .test()], hasKeys: false)
        expectRefused(await endpoint.answer(to: Self.bare.presenting(TestTokens.good, as: scheme)))
    }

    @Test("a token in the query may be percent-encoded and stand behind others")
    func encodedQuery() async throws {
        let encoded = TestTokens.good.replacing(".", with: "%2E").replacing("e", with: "%65")
        let request = Self.bare.with("QUERY_STRING", "x=%zz&jwt=\(TestTokens.expired)&%6Awt=\(encoded)")
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("other query parameters are no tokens", arguments: ["xjwt", "jwtx", "JWT", "jwt%00", ""])
    func otherQuery(_ name: String) async throws {
        let request = Self.bare.with("QUERY_STRING", "\(name)=\(TestTokens.good)")
        expectRefused(try await TestEndpoint().answer(to: request), error: "invalid_request")
    }
}
