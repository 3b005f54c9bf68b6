import ConfigurationFile
import Testing

@testable import Responder

@Suite("Sessions")
struct SessionTests {
    private typealias Session = SiteConfiguration.Session

    private static let bare = TestRequest().bare
    private static let withCookie = bare.adding("HTTP_COOKIE", "blaize_session=abc")

    private static func endpoint(_ session: Session, required: Bool = true) throws -> TestEndpoint {
        try TestEndpoint {
            $0.session = session
            $0.credentialsRequired = required ? .always : .never
        }
    }

    @Test(
        "where nginx has asked, its answer counts",
        arguments: [
            ("verified", 201), ("refused", 401), ("unavailable", 503), ("VERIFIED", 401), ("yes", 401),
            ("verified ", 401),
        ])
    func nginx(answer: String, status: Int) async throws {
        let request = Self.withCookie.with("SESSION_ANSWER", answer)
        #expect(try await Self.endpoint(.nginx).answer(to: request).status == status)
        #expect(try await Self.endpoint(.nginx, required: false).answer(to: request).status == status)
    }

    @Test("a cookie that nginx asked nobody about counts as not presented, and the answer says so")
    func notAsked() async throws {
        for request in [Self.withCookie, Self.withCookie.with("SESSION_ANSWER", "")] {
            let answer = try await Self.endpoint(.nginx).answer(to: request)
            #expect(answer.status == 401)
            #expect(answer.body.contains("a session cookie came, but nginx asked nobody what it is worth"))
            #expect(try await Self.endpoint(.nginx, required: false).answer(to: request).status == 201)
        }
    }

    @Test("that nginx hands no answer down is told, and that it had nothing to ask is not")
    func notice() async throws {
        let endpoint = try Self.endpoint(.nginx)
        _ = await endpoint.answer(to: Self.withCookie.with("SESSION_ANSWER", ""))
        #expect(endpoint.logLines.isEmpty)
        for _ in 0..<2 { _ = await endpoint.answer(to: Self.withCookie) }
        #expect(endpoint.logLines.count == 1)
        #expect(endpoint.logLines.first?.contains("SESSION_ANSWER") == true)
    }

    @Test("an exposure passes with a session that nginx asked nobody about, where only conversions need a credential")
    func exposure() async throws {
        let endpoint = try TestEndpoint { $0.credentialsRequired = .conversions }
        let exposure = Self.withCookie.with("DOCUMENT_URI", "/zephr/public/rule-outcomes/v1/exposures")
        #expect(await endpoint.answer(to: exposure.with("SESSION_ANSWER", "")).status == 201)
        #expect(await endpoint.answer(to: exposure.with("SESSION_ANSWER", "verified")).status == 201)
        #expect(await endpoint.answer(to: exposure.with("SESSION_ANSWER", "refused")).status == 401)
        #expect(await endpoint.answer(to: Self.withCookie.with("SESSION_ANSWER", "")).status == 401)
    }

    @Test("an answer without a cookie is no credential", arguments: ["verified", "refused", "unavailable", ""])
    func answerWithoutCookie(_ answer: String) async throws {
        for request in [Self.bare, Self.bare.adding("HTTP_COOKIE", "blaize_session=")] {
            let request = request.with("SESSION_ANSWER", answer)
            #expect(try await Self.endpoint(.nginx).answer(to: request).status == 401)
            #expect(try await Self.endpoint(.nginx, required: false).answer(to: request).status == 201)
        }
    }

    @Test("a session that cannot be verified gives way to a token that can, and to no other")
    func unavailable() async throws {
        let request = Self.withCookie.with("SESSION_ANSWER", "unavailable")
        let endpoint = try Self.endpoint(.nginx)
        #expect(await endpoint.answer(to: request.presenting(TestTokens.good, as: .bearer)).status == 201)
        let answer = await endpoint.answer(to: request.presenting(TestTokens.expired, as: .bearer))
        #expect(answer.status == 503)
        #expect(answer.header("Retry-After") != nil)
        #expect(endpoint.records.count == 1)
    }

    @Test(
        "where presence is enough, any cookie that is not empty passes, whatever nginx says",
        arguments: ["verified", "refused", "unavailable", ""])
    func presence(_ answer: String) async throws {
        let endpoint = try Self.endpoint(.presence)
        #expect(await endpoint.answer(to: Self.withCookie.with("SESSION_ANSWER", answer)).status == 201)
        let empty = Self.bare.adding("HTTP_COOKIE", "blaize_session=").with("SESSION_ANSWER", answer)
        #expect(await endpoint.answer(to: empty).status == 401)
        #expect(await endpoint.answer(to: Self.bare.with("SESSION_ANSWER", answer)).status == 401)
    }

    @Test(
        "where sessions are off, the cookie counts as not presented",
        arguments: ["verified", "refused", "unavailable", ""])
    func off(_ answer: String) async throws {
        let request = Self.withCookie.with("SESSION_ANSWER", answer)
        let required = try Self.endpoint(.off)
        let refused = await required.answer(to: request)
        #expect(refused.status == 401)
        #expect(refused.body.contains("a session cookie came, but sessions are off for this site"))
        #expect(refused.header("WWW-Authenticate")?.contains("sessions are off for this site") == true)
        #expect(try await Self.endpoint(.off, required: false).answer(to: request).status == 201)
        #expect(await required.answer(to: request.presenting(TestTokens.good, as: .cookie)).status == 201)
    }

    @Test("the session cookie's value is no token")
    func valueIsNoToken() async throws {
        let request = Self.bare.adding("HTTP_COOKIE", "blaize_session=\(TestTokens.good)")
        #expect(try await Self.endpoint(.nginx).answer(to: request).status == 401)
        #expect(try await Self.endpoint(.off).answer(to: request).status == 401)
    }
}
