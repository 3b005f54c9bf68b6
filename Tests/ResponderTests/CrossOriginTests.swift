import ConfigurationFile
import FastCGI
import Testing

@testable import Responder

@Suite("Cross-origin requests")
struct CrossOriginTests {
    private static func corsHeaders(_ answer: Response) -> [Response.Header] {
        answer.headers.filter { $0.name.lowercased().hasPrefix("access-control-") }
    }

    private func expectCORS(_ answer: Response, origin: String) {
        #expect(answer.all("Access-Control-Allow-Origin") == [origin])
        #expect(answer.all("Access-Control-Allow-Credentials") == ["true"])
        #expect(answer.all("Access-Control-Allow-Methods") == ["POST"])
        #expect(
            answer.all("Access-Control-Allow-Headers")
                == ["Content-Type, Authorization, X-Blaize-Jwt, X-Zephr-Jwt"])
        #expect(answer.all("Vary") == ["Origin"])
    }

    private static let withListedOrigin = Fault.allCases.filter { ![2, 6].contains($0.row) }

    @Test("a listed origin is told that it may read the answer, whatever the answer is", arguments: withListedOrigin)
    func listed(_ fault: Fault) async throws {
        expectCORS(try await Fault.meet([fault]).answer, origin: TestRequest.origin)
    }

    @Test("a listed origin is told so of a 201")
    func recorded() async throws {
        expectCORS(try await TestEndpoint().answer(), origin: TestRequest.origin)
    }

    @Test("without an origin there are no such headers, but Vary on every answer", arguments: Fault.allCases)
    func withoutOrigin(_ fault: Fault) async throws {
        guard fault != .originNotListed else { return }
        let answer = try await Fault.meet([fault], in: TestRequest().with("HTTP_ORIGIN")).answer
        #expect(Self.corsHeaders(answer).isEmpty)
        #expect(answer.all("Vary") == ["Origin"])
    }

    @Test("an origin that is not listed gets no such headers, but Vary on every answer", arguments: Fault.allCases)
    func notListed(_ fault: Fault) async throws {
        guard fault != .crossSiteWithoutOrigin else { return }
        let request = TestRequest().with("HTTP_ORIGIN", TestRequest.otherOrigin)
        let answer = try await Fault.meet([fault], in: request).answer
        #expect(Self.corsHeaders(answer).isEmpty)
        #expect(answer.all("Vary") == ["Origin"])
    }

    @Test(
        "an origin that only resembles a listed one is refused",
        arguments: [
            "null", "", "http://www.example.com", "https://example.com", "https://www.example.com:8443",
            "https://www.example.com/", "https://www.example.com.evil.example", "https://evil.example/www.example.com",
            "https://www.example.com, https://www.example.com", "*",
        ])
    func resembling(_ origin: String) async throws {
        let endpoint = try await TestEndpoint()
        let answer = await endpoint.answer(to: TestRequest().with("HTTP_ORIGIN", origin))
        #expect(answer.status == 403)
        #expect(Self.corsHeaders(answer).isEmpty)
        #expect(endpoint.records.isEmpty)
    }

    @Test("the origin null passes where it is listed")
    func null() async throws {
        let endpoint = try await TestEndpoint { $0.origins = .list(["null"]) }
        expectCORS(await endpoint.answer(to: TestRequest().with("HTTP_ORIGIN", "null")), origin: "null")
        #expect(endpoint.records.count == 1)
    }

    @Test("a second origin beside a listed one is refused", arguments: [0, 1])
    func twoOrigins(listedIndex: Int) async throws {
        let origins = listedIndex == 0 ? [TestRequest.origin, "null"] : ["null", TestRequest.origin]
        let request = TestRequest().with("HTTP_ORIGIN", origins[0], origins[1])
        #expect(try await TestEndpoint().answer(to: request).status == 403)
    }

    @Test("host, scheme and forwarding headers do not make an origin the site's own")
    func hostIsNotConsulted() async throws {
        let request = TestRequest().with("HTTP_ORIGIN", "https://news.example").with("HTTP_HOST", "news.example")
            .with("HTTPS", "on").with("REQUEST_SCHEME", "https").with("HTTP_X_FORWARDED_HOST", "news.example")
            .with("HTTP_X_FORWARDED_PROTO", "https")
        #expect(try await TestEndpoint().answer(to: request).status == 403)
    }

    @Test(
        "without an origin it counts whether the browser calls the request cross-site",
        arguments: [("same-origin", 201), ("same-site", 201), ("none", 201), ("", 201), ("cross-site", 403)])
    func fetchSite(_ value: String, status: Int) async throws {
        let request = TestRequest().with("HTTP_ORIGIN").with("HTTP_SEC_FETCH_SITE", value)
        #expect(try await TestEndpoint().answer(to: request).status == status)
    }

    @Test("a listed origin passes although the request is cross-site")
    func listedCrossSite() async throws {
        let request = TestRequest().with("HTTP_SEC_FETCH_SITE", "cross-site")
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("an empty list refuses every origin")
    func emptyList() async throws {
        #expect(try await TestEndpoint { $0.origins = .list([]) }.answer().status == 403)
    }

    @Test("any origin that may ask is echoed, never an asterisk", arguments: ["https://a.example", "http://b:8080"])
    func anyOrigin(_ origin: String) async throws {
        let endpoint = try await TestEndpoint { $0.origins = .any }
        for method in ["POST", "OPTIONS", "GET"] {
            let request = TestRequest().with("HTTP_ORIGIN", origin).with("REQUEST_METHOD", method)
            expectCORS(await endpoint.answer(to: request), origin: origin)
        }
    }

    @Test("a preflight from a listed origin is a 204 without body, and needs nothing else")
    func preflight() async throws {
        let endpoint = try await TestEndpoint()
        let request = TestRequest().with("REQUEST_METHOD", "OPTIONS").with("HTTP_COOKIE").with("HTTP_AUTHORIZATION")
            .with("CONTENT_TYPE").with("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST").with(body: "")
        let answer = await endpoint.answer(to: request)
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
        expectCORS(answer, origin: TestRequest.origin)
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.kinds.map(\.status) == [204])
    }

    @Test("a preflight is checked as far as its row: path, site, analytics and origin")
    func refusedPreflight() async throws {
        let preflight = TestRequest().with("REQUEST_METHOD", "OPTIONS")
        for (fault, status) in [(Fault.otherPath, 404), (.unknownSite, 500), (.analyticsOff, 404)] {
            #expect(try await Fault.meet([fault], in: preflight).answer.status == status)
        }
        let refused = try await Fault.meet([.originNotListed], in: preflight).answer
        #expect(refused.status == 403)
        #expect(Self.corsHeaders(refused).isEmpty)
    }
}
