import ConfigurationFile
import Credentials
import Testing

@Suite struct SiteCredentialsTests {
    let site: TestSite
    let good: String
    let expired: String

    init() throws {
        site = try TestSite()
        let signer = site.keys.signer(.hs256)
        good = try TokenText.signed(header: #"{"alg":"HS256"}"#, claims: "{}", by: signer)
        expired = try TokenText.signed(header: #"{"alg":"HS256"}"#, claims: #"{"exp":1}"#, by: signer)
    }

    @Test("A token passes from each of the five places that it may stand in", arguments: CredentialScheme.allCases)
    func schemes(scheme: CredentialScheme) throws {
        let verdict = try check(tokens: [(scheme, good)])
        #expect(verdict == (scheme == .session ? .missing : .passed(by: scheme)))
    }

    @Test("Any one that verifies is enough, wherever it stands among those that do not")
    func anyOne() throws {
        #expect(try check(tokens: [(.query, "x"), (.bearer, expired), (.cookie, good)]) == .passed(by: .cookie))
        #expect(try check(tokens: [(.cookie, good), (.bearer, expired)]) == .passed(by: .cookie))
        #expect(try check(session: .nginx, answer: "refused", tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(try check(session: .nginx, answer: "verified", tokens: [(.query, "x")]) == .passed(by: .session))
    }

    @Test("When none verifies, the reasons come in the order of looking")
    func noneVerifies() throws {
        let verdict = try check(session: .nginx, answer: "refused", tokens: [(.query, "x"), (.bearer, expired)])
        #expect(
            verdict
                == .refused([
                    .init(scheme: .session, fault: .session), .init(scheme: .query, fault: .notThreeParts),
                    .init(scheme: .bearer, fault: .expired),
                ]))
    }

    @Test("Presenting nothing is a fault only where something is required")
    func nothing() throws {
        #expect(try check(tokens: []) == .missing)
        #expect(try check(required: false, tokens: []) == .passedWithout)
        #expect(try check(required: false, tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(
            try check(required: false, tokens: [(.bearer, expired)])
                == .refused([.init(scheme: .bearer, fault: .expired)]))
    }

    @Test("What exposures need may be less than what conversions need, but a bad credential is one for both")
    func exposures() throws {
        let configuration = SiteConfiguration(
            origins: .any, credentialsRequired: .conversions, session: .nginx,
            jwt: JWTConfiguration(secret: try site.secret(), algorithms: [.hs256]))
        let credentials = try SiteCredentials(site: configuration)
        func verdict(_ presented: PresentedCredentials, isConversion: Bool) -> Verdict {
            credentials.check(presented, isConversion: isConversion, nowSeconds: TestSite.nowSeconds)
        }
        #expect(verdict(PresentedCredentials(), isConversion: true) == .missing)
        #expect(verdict(PresentedCredentials(), isConversion: false) == .passedWithout)
        let bad = PresentedCredentials(tokens: [.init(scheme: .bearer, text: expired)])
        for isConversion in [true, false] {
            #expect(
                verdict(bad, isConversion: isConversion) == .refused([.init(scheme: .bearer, fault: .expired)]))
        }
        // A page sends its session with exposures too, and nginx need not ask about it each time.
        let unasked = PresentedCredentials(sessionCookiePresent: true)
        #expect(verdict(unasked, isConversion: false) == .passedWithout)
        #expect(verdict(unasked, isConversion: true) == .missing)
    }

    @Test("What comes and does not count is named, each kind once")
    func ignored() throws {
        func ignored(
            _ session: SiteConfiguration.Session, _ accepted: Set<CredentialScheme>, _ presented: PresentedCredentials
        ) throws -> [IgnoredCredential] {
            let configuration = SiteConfiguration(origins: .any, credentialsAccepted: accepted, session: session)
            return try SiteCredentials(site: configuration).ignored(presented)
        }
        let all = Set(CredentialScheme.allCases)
        let cookie = PresentedCredentials(sessionCookiePresent: true)
        #expect(try ignored(.off, all, cookie) == [.sessionOff])
        #expect(try ignored(.nginx, all, cookie) == [.sessionNotAsked])
        #expect(try ignored(.nginx, [.bearer], cookie) == [.notAccepted(.session)])
        #expect(try ignored(.presence, all, cookie) == [])
        let tokens = PresentedCredentials(
            hasOtherAuthorization: true,
            tokens: [.query, .query, .cookie].map { .init(scheme: $0, text: good) })
        #expect(try ignored(.off, [.cookie], tokens) == [.notAccepted(.query), .otherAuthorization])
        #expect(try ignored(.off, all, PresentedCredentials()) == [])
    }

    @Test("What is said of it may stand in an error_description")
    func ignoredDescriptions() {
        let all = [IgnoredCredential.sessionOff, .sessionNotAsked, .otherAuthorization]
        for credential in all + CredentialScheme.allCases.map(IgnoredCredential.notAccepted) {
            #expect(credential.description.utf8.allSatisfy { (0x20...0x7E).contains($0) && !"\"\\".utf8.contains($0) })
        }
    }

    @Test("An empty token counts as not presented")
    func empty() throws {
        #expect(try check(tokens: [(.bearer, ""), (.cookie, "")]) == .missing)
        #expect(try check(required: false, tokens: [(.bearer, "")]) == .passedWithout)
    }

    @Test("A place that is not accepted counts as not presented, good or bad")
    func narrowed() throws {
        let accepted: Set<CredentialScheme> = [.bearer]
        #expect(try check(accepted: accepted, tokens: [(.query, good)]) == .missing)
        #expect(try check(accepted: accepted, required: false, tokens: [(.query, "x")]) == .passedWithout)
        #expect(try check(accepted: accepted, tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(try check(accepted: accepted, session: .nginx, answer: "verified", tokens: []) == .missing)
    }

    @Test(
        "nginx's answer is believed where there is a session cookie",
        arguments: [
            ("verified", Verdict.passed(by: .session)), ("unavailable", .unavailable), ("refused", sessionRefused),
            ("", .missing), ("Verified", sessionRefused), ("verified ", sessionRefused),
        ])
    func nginxSession(answer: String, verdict: Verdict) throws {
        #expect(try check(session: .nginx, answer: answer, tokens: []) == verdict)
        #expect(try check(session: .nginx, cookie: false, answer: answer, tokens: []) == .missing)
        #expect(
            try check(required: false, session: .nginx, cookie: false, answer: answer, tokens: [])
                == .passedWithout)
    }

    @Test("An unavailable session gives way to a token that verifies, and to no other")
    func unavailable() throws {
        #expect(
            try check(session: .nginx, answer: "unavailable", tokens: [(.bearer, good)]) == .passed(by: .bearer))
        #expect(try check(session: .nginx, answer: "unavailable", tokens: [(.bearer, expired)]) == .unavailable)
        #expect(try check(required: false, session: .nginx, answer: "unavailable", tokens: []) == .unavailable)
    }

    @Test("Where presence is enough, any session cookie passes, whatever nginx says")
    func presence() throws {
        #expect(try check(session: .presence, answer: "refused", tokens: []) == .passed(by: .session))
        #expect(try check(session: .presence, cookie: false, answer: "verified", tokens: []) == .missing)
    }

    @Test("Where sessions are off, the cookie counts as not presented")
    func off() throws {
        #expect(try check(session: .off, answer: "verified", tokens: []) == .missing)
        #expect(try check(required: false, session: .off, answer: "refused", tokens: []) == .passedWithout)
        #expect(
            try check(session: .off, answer: "unavailable", tokens: [(.bearer, good)]) == .passed(by: .bearer))
    }

    @Test("Eight credentials are looked at; nine are too many, even if one would verify")
    func tooMany() throws {
        let bad = [(scheme: CredentialScheme.bearer, text: "x")]
        let eight = Array(repeating: bad, count: 7).flatMap(\.self) + [(scheme: .cookie, text: good)]
        #expect(try check(tokens: eight) == .passed(by: .cookie))
        #expect(try check(tokens: bad + eight) == .tooMany)
        #expect(try check(session: .nginx, answer: "verified", tokens: eight) == .tooMany)
        #expect(try check(session: .off, answer: "verified", tokens: eight) == .passed(by: .cookie))
        #expect(try check(accepted: [.cookie], tokens: bad + eight) == .passed(by: .cookie))
    }

    @Test("A site without keys refuses every token, and still takes sessions")
    func noKeys() throws {
        let credentials = try SiteCredentials(site: SiteConfiguration(origins: .any, session: .nginx))
        #expect(credentials.fault(of: good) == .noKeys)
        let presented = PresentedCredentials(sessionCookiePresent: true, sessionAnswer: "verified")
        #expect(credentials.check(presented, nowSeconds: TestSite.nowSeconds) == .passed(by: .session))
    }

    private static let sessionRefused = Verdict.refused([.init(scheme: .session, fault: .session)])

    private func check(
        accepted: Set<CredentialScheme> = Set(CredentialScheme.allCases), required: Bool = true,
        session: SiteConfiguration.Session = .off, cookie: Bool = true, answer: String = "",
        tokens: [(scheme: CredentialScheme, text: String)]
    ) throws -> Verdict {
        let configuration = SiteConfiguration(
            origins: .any, credentialsRequired: required ? .always : .never, credentialsAccepted: accepted,
            session: session,
            jwt: JWTConfiguration(secret: try site.secret(), algorithms: [.hs256]))
        let presented = PresentedCredentials(
            sessionCookiePresent: cookie, sessionAnswer: answer,
            tokens: tokens.map { .init(scheme: $0.scheme, text: $0.text) })
        return try SiteCredentials(site: configuration).check(presented, nowSeconds: TestSite.nowSeconds)
    }
}
