import ConfigurationFile
import Credentials
import Testing

@Suite struct SiteCredentialsTests {
    let site: TestSite
    let good: String
    let expired: String

    init() async throws {
        site = try TestSite()
        let signer = try await site.keys.signer(.hs256)
        good = try TokenText.signed(header: #"{"alg":"HS256"}"#, claims: "{}", by: signer)
        expired = try TokenText.signed(header: #"{"alg":"HS256"}"#, claims: #"{"exp":1}"#, by: signer)
    }

    @Test("A token passes from each of the five places that it may stand in", arguments: CredentialScheme.allCases)
    func schemes(scheme: CredentialScheme) async throws {
        let verdict = try await check(tokens: [(scheme, good)])
        #expect(verdict == (scheme == .session ? .missing : .passed(by: scheme)))
    }

    @Test("Any one that verifies is enough, wherever it stands among those that do not")
    func anyOne() async throws {
        #expect(try await check(tokens: [(.query, "x"), (.bearer, expired), (.cookie, good)]) == .passed(by: .cookie))
        #expect(try await check(tokens: [(.cookie, good), (.bearer, expired)]) == .passed(by: .cookie))
        #expect(try await check(session: .nginx, answer: "refused", tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(try await check(session: .nginx, answer: "verified", tokens: [(.query, "x")]) == .passed(by: .session))
    }

    @Test("When none verifies, the reasons come in the order of looking")
    func noneVerifies() async throws {
        let verdict = try await check(session: .nginx, answer: "refused", tokens: [(.query, "x"), (.bearer, expired)])
        #expect(
            verdict
                == .refused([
                    .init(scheme: .session, fault: .session), .init(scheme: .query, fault: .notThreeParts),
                    .init(scheme: .bearer, fault: .expired),
                ]))
    }

    @Test("Presenting nothing is a fault only where something is required")
    func nothing() async throws {
        #expect(try await check(tokens: []) == .missing)
        #expect(try await check(required: false, tokens: []) == .passedWithout)
        #expect(try await check(required: false, tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(
            try await check(required: false, tokens: [(.bearer, expired)])
                == .refused([.init(scheme: .bearer, fault: .expired)]))
    }

    @Test("An empty token counts as not presented")
    func empty() async throws {
        #expect(try await check(tokens: [(.bearer, ""), (.cookie, "")]) == .missing)
        #expect(try await check(required: false, tokens: [(.bearer, "")]) == .passedWithout)
    }

    @Test("A place that is not accepted counts as not presented, good or bad")
    func narrowed() async throws {
        let accepted: Set<CredentialScheme> = [.bearer]
        #expect(try await check(accepted: accepted, tokens: [(.query, good)]) == .missing)
        #expect(try await check(accepted: accepted, required: false, tokens: [(.query, "x")]) == .passedWithout)
        #expect(try await check(accepted: accepted, tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(try await check(accepted: accepted, session: .nginx, answer: "verified", tokens: []) == .missing)
    }

    @Test(
        "nginx's answer is believed where there is a session cookie",
        arguments: [
            ("verified", Verdict.passed(by: .session)), ("unavailable", .unavailable), ("refused", sessionRefused),
            ("", sessionRefused), ("Verified", sessionRefused), ("verified ", sessionRefused),
        ])
    func nginxSession(answer: String, verdict: Verdict) async throws {
        #expect(try await check(session: .nginx, answer: answer, tokens: []) == verdict)
        #expect(try await check(session: .nginx, cookie: false, answer: answer, tokens: []) == .missing)
        #expect(
            try await check(required: false, session: .nginx, cookie: false, answer: answer, tokens: [])
                == .passedWithout)
    }

    @Test("An unavailable session gives way to a token that verifies, and to no other")
    func unavailable() async throws {
        #expect(
            try await check(session: .nginx, answer: "unavailable", tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(try await check(session: .nginx, answer: "unavailable", tokens: [(.bearer, expired)]) == .unavailable)
        #expect(try await check(required: false, session: .nginx, answer: "unavailable", tokens: []) == .unavailable)
    }

    @Test("Where presence is enough, any session cookie passes, whatever nginx says")
    func presence() async throws {
        #expect(try await check(session: .presence, answer: "refused", tokens: []) == .passed(by: .session))
        #expect(try await check(session: .presence, cookie: false, answer: "verified", tokens: []) == .missing)
    }

    @Test("Where sessions are off, the cookie counts as not presented")
    func off() async throws {
        #expect(try await check(session: .off, answer: "verified", tokens: []) == .missing)
        #expect(try await check(required: false, session: .off, answer: "refused", tokens: []) == .passedWithout)
        #expect(
            try await check(session: .off, answer: "unavailable", tokens: [(.bearer, good)]) == .passed(by: .bearer))
    }

    @Test("Eight credentials are looked at; nine are too many, even if one would verify")
    func tooMany() async throws {
        let bad = [(scheme: CredentialScheme.bearer, text: "x")]
        let eight = Array(repeating: bad, count: 7).flatMap(\.self) + [(scheme: .cookie, text: good)]
        #expect(try await check(tokens: eight) == .passed(by: .cookie))
        #expect(try await check(tokens: bad + eight) == .tooMany)
        #expect(try await check(session: .nginx, answer: "verified", tokens: eight) == .tooMany)
        #expect(try await check(session: .off, answer: "verified", tokens: eight) == .passed(by: .cookie))
        #expect(try await check(accepted: [.cookie], tokens: bad + eight) == .passed(by: .cookie))
    }

    @Test("A site without keys refuses every token, and still takes sessions")
    func noKeys() async throws {
        let credentials = try await SiteCredentials(site: SiteConfiguration(origins: .any, session: .nginx))
        #expect(credentials.fault(of: good) == .noKeys)
        let presented = PresentedCredentials(sessionCookiePresent: true, sessionAnswer: "verified")
        #expect(credentials.check(presented, nowSeconds: TestSite.nowSeconds) == .passed(by: .session))
    }

    private static let sessionRefused = Verdict.refused([.init(scheme: .session, fault: .session)])

    private func check(
        accepted: Set<CredentialScheme> = Set(CredentialScheme.allCases), required: Bool = true,
        session: SiteConfiguration.Session = .off, cookie: Bool = true, answer: String = "",
        tokens: [(scheme: CredentialScheme, text: String)]
    ) async throws -> Verdict {
        let configuration = SiteConfiguration(
            origins: .any, credentialsRequired: required, credentialsAccepted: accepted, session: session,
            jwt: JWTConfiguration(secret: try site.secret(), algorithms: [.hs256]))
        let presented = PresentedCredentials(
            sessionCookiePresent: cookie, sessionAnswer: answer,
            tokens: tokens.map { .init(scheme: $0.scheme, text: $0.text) })
        return try await SiteCredentials(site: configuration).check(presented, nowSeconds: TestSite.nowSeconds)
    }
}
