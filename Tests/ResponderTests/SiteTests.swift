import ConfigurationFile
import Records
import Testing

@testable import Responder

@Suite("Several sites")
struct SiteTests {
    private static func endpoint() throws -> TestEndpoint {
        try TestEndpoint(sites: [
            "default": .test(), "other": .test { $0.origins = .list([TestRequest.otherOrigin]) },
        ])
    }

    private static let forOther = TestRequest().with("SITE", "other").with("HTTP_ORIGIN", TestRequest.otherOrigin)
        .with("HTTP_AUTHORIZATION", "Bearer \(TestTokens.other)")

    @Test("a record and its answer's count belong to the site that nginx names")
    func named() async throws {
        let endpoint = try Self.endpoint()
        #expect(await endpoint.answer().status == 201)
        #expect(await endpoint.answer(to: Self.forOther).status == 201)
        #expect(endpoint.records.map(\.site) == ["default", "other"])
        #expect(endpoint.kinds.map(\.site) == ["default", "other"])
    }

    @Test("a tracking id is another subject on another site")
    func subjects() async throws {
        let endpoint = try Self.endpoint()
        _ = await endpoint.answer()
        _ = await endpoint.answer(to: Self.forOther)
        #expect(Set(endpoint.records.map(\.subject)).count == 2)
    }

    @Test("a token of one site is worth nothing on another")
    func tokens() async throws {
        let endpoint = try Self.endpoint()
        let request = Self.forOther.with("HTTP_AUTHORIZATION", "Bearer \(TestTokens.good)")
        #expect(await endpoint.answer(to: request).status == 401)
        #expect(endpoint.records.isEmpty)
    }

    @Test("an origin of one site is not another's")
    func origins() async throws {
        let request = Self.forOther.with("HTTP_ORIGIN", TestRequest.origin)
        let answer = try await Self.endpoint().answer(to: request)
        #expect(answer.status == 403)
        #expect(answer.header("Access-Control-Allow-Origin") == nil)
    }

    @Test("the site default is meant where nginx names none", arguments: [nil, ""])
    func fallback(_ site: String?) async throws {
        let endpoint = try Self.endpoint()
        let request = site.map { TestRequest().with("SITE", $0) } ?? TestRequest().with("SITE")
        #expect(await endpoint.answer(to: request).status == 201)
        #expect(endpoint.records.map(\.site) == ["default"])
    }

    @Test("an unknown site is a 500, counted under no site", arguments: ["nowhere", "Default", "-"])
    func unknown(_ site: String) async throws {
        let endpoint = try Self.endpoint()
        let answer = await endpoint.answer(to: TestRequest().with("SITE", site))
        #expect(answer.status == 500)
        #expect(endpoint.kinds.map(\.site) == ["-"])
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.logLines.count == 1)
        #expect(endpoint.logLines.allSatisfy { $0.contains("fastcgi_param SITE") && $0.contains("default, other") })
    }

    @Test("no site named and none called default is a 500, and the log names what to set", arguments: [nil, ""])
    func noFallback(_ site: String?) async throws {
        let endpoint = try TestEndpoint(sites: ["other": .test()])
        let request = site.map { TestRequest().with("SITE", $0) } ?? TestRequest().with("SITE")
        #expect(await endpoint.answer(to: request).status == 500)
        #expect(endpoint.logLines.count == 1)
        #expect(endpoint.logLines.allSatisfy { $0.contains("fastcgi_param SITE") })
    }

    @Test("a site's name is escaped in the log")
    func logged() async throws {
        let endpoint = try Self.endpoint()
        _ = await endpoint.answer(to: TestRequest().with("SITE", "a\nb\u{1B}"))
        #expect(endpoint.logLines.count == 1)
        #expect(endpoint.logLines.allSatisfy { $0.contains(#"a\u{a}b\u{1b}"#) && !$0.contains("\n") })
    }

    @Test("a later parameter SITE overrides one in a file that nginx included before it")
    func overridden() async throws {
        let endpoint = try Self.endpoint()
        let request = Self.forOther.with("SITE", "default", "other")
        #expect(await endpoint.answer(to: request).status == 201)
        #expect(endpoint.records.map(\.site) == ["other"])
    }
}
