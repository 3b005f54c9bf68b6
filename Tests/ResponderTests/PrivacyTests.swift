import FastCGI
import Testing

@testable import Responder

@Suite("What stays private")
struct PrivacyTests {
    /// What must never be seen again; each is planted where it may stand.
    private static let secrets = [
        "tracking7a1e", "session7a1e", "zephr7a1e", "blaize7a1e", "bearer7a1e", "cookie7a1e", "query7a1e", "basic7a1e",
        "member7a1e",
    ]

    private static let request = TestRequest().with("HTTP_COOKIE", "blaize_tracking_id=tracking7a1e")
        .adding("HTTP_COOKIE", "blaize_session=session7a1e")
        .adding("HTTP_AUTHORIZATION", "Bearer bearer7a1e").adding("HTTP_AUTHORIZATION", "Basic basic7a1e")
        .with(member: "other", #""member7a1e""#)

    /// The places where a token may stand, each in a request: there may be few different ones in one.
    private static let requests = [
        request, request.adding("HTTP_X_ZEPHR_JWT", "a.zephr7a1e.b"), request.adding("HTTP_X_BLAIZE_JWT", "blaize7a1e"),
        request.adding("HTTP_COOKIE", "blaize_jwt=cookie7a1e"), request.with("QUERY_STRING", "jwt=query7a1e"),
    ]

    private func expectNothingPrivate(_ answer: Response, _ endpoint: TestEndpoint) {
        let headers = answer.headers.map { "\($0.name): \($0.value)" }
        let seen = [answer.reasonPhrase, answer.body] + headers + endpoint.kinds.map { "\($0)" } + endpoint.logLines
        for secret in Self.secrets + [TestTokens.good, TestTokens.expired] {
            #expect(seen.allSatisfy { !$0.contains(secret) }, "\(secret)")
        }
    }

    @Test("no answer, count or log line holds tracking id, credential or other member", arguments: Fault.allCases)
    func faults(_ fault: Fault) async throws {
        for request in Self.requests {
            let meeting = try await Fault.meet([fault], in: request)
            expectNothingPrivate(meeting.answer, meeting.endpoint)
        }
    }

    @Test("nor does that of a record")
    func recorded() async throws {
        for request in Self.requests { try await expectNothingPrivate(recording: request) }
    }

    private func expectNothingPrivate(recording request: TestRequest) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: request)
        #expect(answer.status == 201)
        expectNothingPrivate(answer, endpoint)
        #expect(endpoint.records.allSatisfy { !"\($0)".contains("7a1e") })
    }

    @Test("nor does that of a request whose credentials are all refused, for whatever reason")
    func refused() async throws {
        for request in Self.requests {
            let endpoint = try TestEndpoint()
            let answer = await endpoint.answer(to: request.with("HTTP_AUTHORIZATION", "Bearer bearer7a1e"))
            #expect(answer.status == 401)
            expectNothingPrivate(answer, endpoint)
        }
    }

    @Test("a body that is refused is not quoted", arguments: ["{\"member7a1e\"", "{\"a\":1} member7a1e", "member7a1e"])
    func body(_ body: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request.with(body: body))
        #expect(answer.status == 400)
        expectNothingPrivate(answer, endpoint)
    }

    @Test("a field that is refused is named and not quoted", arguments: ["ruleId", "outcomeId", "conversion"])
    func field(_ name: String) async throws {
        let long = "\"member7a1e\(String(repeating: "x", count: 1024))\""
        for json in [long, "[\"member7a1e\"]", #""member7a1e\u0001""#] {
            let endpoint = try TestEndpoint()
            let answer = await endpoint.answer(to: Self.request.with(member: name, json))
            #expect(answer.status == 400)
            expectNothingPrivate(answer, endpoint)
        }
    }

    @Test("a tracking id that is refused is not quoted", arguments: ["tracking7a1e\\", "tracking7a1e é"])
    func trackingID(_ value: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request.with("HTTP_COOKIE", "blaize_tracking_id=\(value)"))
        #expect(answer.status == 400)
        expectNothingPrivate(answer, endpoint)
    }
}
