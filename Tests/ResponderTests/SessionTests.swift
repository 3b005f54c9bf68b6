import ConfigurationFile
import Testing

@testable import Responder

@Suite("Sessions")
struct SessionTests {
    private typealias Session = SiteConfiguration.Session

    private static let bare = TestRequest().bare
    private static let withCookie = bare.adding("HTTP_COOKIE", "blaize_session=abc")

    private static func endpoint(_ session: Session, required: Bool = true) async throws -> TestEndpoint {
        try await TestEndpoint {
            $0.session = session
            $0.credentialsRequired = required
        }
    }

    @Test(
        "where nginx has asked, its answer counts",
        arguments: [
            ("verified", 201), ("refused", 401), ("unavailable", 503), ("", 401), ("VERIFIED", 401), ("yes", 401),
            ("verified ", 401),
        ])
    func nginx(answer: String, status: Int) async throws {
        let request = Self.withCookie.with("SESSION_ANSWER", answer)
        #expect(try await Self.endpoint(.nginx).answer(to: request).status == status)
        #expect(try await Self.endpoint(.nginx, required: false).answer(to: request).status == status)
    }

    @Test("an answer that nginx does not hand down is none")
    func noAnswer() async throws {
        #expect(try await Self.endpoint(.nginx).answer(to: Self.withCookie).status == 401)
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
        let endpoint = try await Self.endpoint(.nginx)
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
        let endpoint = try await Self.endpoint(.presence)
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
        let required = try await Self.endpoint(.off)
        #expect(await required.answer(to: request) == required.answer(to: Self.bare))
        #expect(await required.answer(to: request).status == 401)
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
