import ConfigurationFile
import FastCGI
import Testing

@testable import Responder

@Suite("Cross-origin requests")
struct CrossOriginTests {
    private static func corsHeaders(_ answer: Response) -> [Response.Header] {
        answer.headers.filter { $0.name.lowercased().hasPrefix("access-control-") }
    }

    private static let preflight = TestRequest().with("REQUEST_METHOD", "OPTIONS").with("HTTP_COOKIE")
        .with("HTTP_AUTHORIZATION").with("CONTENT_TYPE").with("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST").with(
            body: "")

    private static let allowedHeaders = "Content-Type, Authorization, X-Blaize-Jwt, X-Zephr-Jwt"

    private func expectCORS(_ answer: Response, origin: String) {
        #expect(answer.all("Access-Control-Allow-Origin") == [origin])
        #expect(answer.all("Access-Control-Allow-Credentials") == ["true"])
        #expect(answer.all("Access-Control-Expose-Headers") == ["Retry-After, X-Rule-Outcomes-Excluded"])
        #expect(answer.all("Vary") == ["Origin"])
    }

    private func expectPreflight(_ answer: Response, origin: String, headers: String = allowedHeaders) {
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
        #expect(answer.all("Access-Control-Allow-Origin") == [origin])
        #expect(answer.all("Access-Control-Allow-Credentials") == ["true"])
        #expect(answer.all("Access-Control-Allow-Methods") == ["POST"])
        #expect(answer.all("Access-Control-Allow-Headers") == [headers])
        #expect(answer.all("Access-Control-Max-Age") == ["7200"])
        #expect(answer.all("Vary") == ["Origin, Access-Control-Request-Headers"])
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
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: TestRequest().with("HTTP_ORIGIN", origin))
        #expect(answer.status == 403)
        #expect(Self.corsHeaders(answer).isEmpty)
        #expect(endpoint.records.isEmpty)
    }

    @Test("the origin null passes where it is listed")
    func null() async throws {
        let endpoint = try TestEndpoint { $0.origins = .list(["null"]) }
        expectCORS(await endpoint.answer(to: TestRequest().with("HTTP_ORIGIN", "null")), origin: "null")
        #expect(endpoint.records.count == 1)
    }

    @Test("a page that hides its own origin passes, and a sandboxed frame, which says the same, does not")
    func hidden() async throws {
        let endpoint = try TestEndpoint()
        let request = TestRequest().with("HTTP_ORIGIN", "null")
        let admitted = await endpoint.answer(to: request.with("HTTP_SEC_FETCH_SITE", "same-origin"))
        #expect(admitted.status == 201)
        #expect(Self.corsHeaders(admitted).isEmpty)
        for site in ["cross-site", "same-site", "none", "", "Same-Origin", "same-origin, same-origin"] {
            #expect(await endpoint.answer(to: request.with("HTTP_SEC_FETCH_SITE", site)).status == 403, "\(site)")
        }
        let both = request.with("HTTP_SEC_FETCH_SITE", "same-origin", "cross-site")
        #expect(await endpoint.answer(to: both).status == 403)
        let other = TestRequest().with("HTTP_ORIGIN", TestRequest.otherOrigin)
        #expect(await endpoint.answer(to: other.with("HTTP_SEC_FETCH_SITE", "same-origin")).status == 403)
        #expect(endpoint.records.count == 1)
    }

    @Test(
        "what cannot be an origin is refused where any may call, before anything is recorded",
        arguments: [
            "", String(repeating: "a", count: 8000), "https://" + String(repeating: "a", count: 505),
            "https://a b.example",
            "https://a.example, https://b.example", "https://a.example\u{7F}", "https://a.example\u{1}",
            "https://ä.example",
            "https://a.example\"", "https://a.example;b", "https://<a>.example", "https://u@a.example",
        ])
    func noOrigin(_ origin: String) async throws {
        let endpoint = try TestEndpoint { $0.origins = .any }
        for method in ["POST", "OPTIONS"] {
            let request = TestRequest().with("HTTP_ORIGIN", origin).with("REQUEST_METHOD", method)
            let answer = await endpoint.answer(to: request)
            #expect(answer.status == 403)
            #expect(Self.corsHeaders(answer).isEmpty)
        }
        #expect(endpoint.records.isEmpty)
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

    @Test(
        "any origin that may ask is echoed, never an asterisk",
        arguments: [
            "https://a.example", "http://b:8080", "null", "http://[::1]:8080", "capacitor://localhost",
            "moz-extension://3c0a1f2e-8d5b-4c6f-9a7e-112233445566", "https://xn--rksmrgs-5wao1o.example",
            "https://" + String(repeating: "a", count: 504),
        ])
    func anyOrigin(_ origin: String) async throws {
        let endpoint = try TestEndpoint { $0.origins = .any }
        for method in ["POST", "GET"] {
            let request = TestRequest().with("HTTP_ORIGIN", origin).with("REQUEST_METHOD", method)
            expectCORS(await endpoint.answer(to: request), origin: origin)
        }
    }

    @Test("a preflight from a listed origin is a 204 without body, may be kept, and needs nothing else")
    func preflight() async throws {
        let endpoint = try TestEndpoint()
        expectPreflight(await endpoint.answer(to: Self.preflight), origin: TestRequest.origin)
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.kinds.map(\.status) == [204])
    }

    @Test(
        "a preflight allows whatever other headers it asks for",
        arguments: [
            (["content-type"], ""), (["authorization,content-type,X-Blaize-JWT,x-zephr-jwt"], ""),
            (["content-type, traceparent, tracestate"], ", traceparent, tracestate"),
            (["x-rule-outcomes-dry-run"], ", x-rule-outcomes-dry-run"), (["a ,\tb", "c"], ", a, b, c"),
            (["", ",, ,"], ""),
            (["a b,c:d,e\r\nf,ä,(g),\"h\",*,i"], ", *, i"),
            ([String(repeating: "x", count: 65) + ",y"], ", y"),
        ])
    func requestedHeaders(_ lists: [String], further: String) async throws {
        let request = Self.preflight.repeating("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", lists)
        let answer = try await TestEndpoint().answer(to: request)
        expectPreflight(answer, origin: TestRequest.origin, headers: Self.allowedHeaders + further)
    }

    @Test("of very many headers that a preflight asks for only so many are allowed as fit an answer")
    func requestedHeadersBound() async throws {
        for length in [1, 20, 64] {
            let names = (0..<900).map { "\($0)" + String(repeating: "x", count: length - 1) }.map { $0.suffix(64) }
            let request = Self.preflight.with("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", names.joined(separator: ","))
            let allowed = try #require(
                try await TestEndpoint().answer(to: request).header("Access-Control-Allow-Headers"))
            #expect(allowed.utf8.count <= 1024)
            #expect((4...36).contains(allowed.split(separator: ",").count))
            #expect(allowed.hasPrefix(Self.allowedHeaders))
        }
    }

    @Test("a preflight is checked as far as its row: path, site, analytics and origin")
    func refusedPreflight() async throws {
        let preflight = TestRequest().with("REQUEST_METHOD", "OPTIONS")
        for (fault, status) in [(Fault.otherPath, 404), (.unknownSite, 500), (.analyticsOff, 404)] {
            let answer = try await Fault.meet([fault], in: preflight).answer
            #expect(answer.status == status)
            #expect(answer.all("Vary") == ["Origin"])
            #expect(answer.header("Access-Control-Allow-Headers") == nil)
        }
        let refused = try await Fault.meet([.originNotListed], in: preflight).answer
        #expect(refused.status == 403)
        #expect(Self.corsHeaders(refused).isEmpty)
    }

    /// nginx has 8 KiB for them (`fastcgi_buffer_size`), and its default is 4.
    @Test("whatever comes in, an answer's headers stay small", arguments: Fault.allCases)
    func sizeOfHeaders(_ fault: Fault) async throws {
        let long = String(repeating: "x", count: 6000)
        let origin = "https://" + String(repeating: "a", count: 504)
        for method in ["POST", "OPTIONS", long] {
            let endpoint = try TestEndpoint { $0.origins = .any }
            let request = TestRequest().with("HTTP_ORIGIN", origin).with("REQUEST_METHOD", method)
                .with("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", String(repeating: "a,", count: 3000))
                .with("RULE_OUTCOMES_EXCLUDE", fault == .excluded ? long : "").with("HTTP_CONTENT_ENCODING", "")
                .adding("HTTP_AUTHORIZATION", "Basic \(long)").adding("HTTP_COOKIE", "blaize_session=\(long)")
            let answer = await endpoint.answer(to: fault.applied(to: request))
            let bytes = answer.headers.map { $0.name.utf8.count + $0.value.utf8.count + 4 }.reduce(0, +)
            #expect(bytes < 3000)
        }
    }
}
