import Testing

@testable import Responder

@Suite("Content types")
struct ContentTypeTests {
    @Test(
        "JSON and plain text are taken, with parameters and in any case",
        arguments: [
            "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8",
            "application/json ; charset=utf-8", "Application/JSON", "APPLICATION/JSON;CHARSET=UTF-8", "text/plain",
            "text/plain;charset=UTF-8", "Text/Plain; charset=utf-8", " application/json ", "text/plain;",
        ])
    func taken(_ type: String) async throws {
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: TestRequest().with("CONTENT_TYPE", type)).status == 201)
        #expect(endpoint.records.count == 1)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", " ", ";", "; charset=utf-8", "json", "application", "application/", "application/jsonp",
            "application/json5", "xapplication/json", "text/html", "text/plainer", "text/html; a=application/json",
            "text/html;text/plain",
            "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "appli cation/json",
            "application/ json", "application/json text/html", "text/html, application/json", "*/*",
        ])
    func refused(_ type: String) async throws {
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: TestRequest().with("CONTENT_TYPE", type)).status == 415)
        #expect(endpoint.records.isEmpty)
    }

    @Test("no content type at all is refused")
    func absent() async throws {
        #expect(try await TestEndpoint().answer(to: TestRequest().with("CONTENT_TYPE")).status == 415)
    }

    @Test("a body sent as plain text is read as JSON all the same")
    func plainTextIsRead() async throws {
        let endpoint = try TestEndpoint()
        let request = TestRequest().with("CONTENT_TYPE", "text/plain;charset=UTF-8")
        #expect(await endpoint.answer(to: request.with(body: "hello")).status == 400)
        #expect(await endpoint.answer(to: request).status == 201)
        #expect(endpoint.records.map(\.event.ruleID) == ["article-22"])
    }

    @Test(
        "a body that is encoded is refused as such, and the encoding named",
        arguments: ["gzip", "br", "identity, gzip", "x"])
    func encoded(_ encoding: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: TestRequest().with("HTTP_CONTENT_ENCODING", encoding))
        #expect(answer.status == 415)
        #expect(answer.body.contains("Content-Encoding is \(encoding.split(separator: " ").last ?? "")."))
        #expect(endpoint.kinds.map(\.reason) == ["content-encoding"])
        #expect(endpoint.records.isEmpty)
    }

    @Test(
        "the encoding that changes nothing is none", arguments: ["identity", "Identity", "", " ", "identity, identity"])
    func identity(_ encoding: String) async throws {
        #expect(
            try await TestEndpoint().answer(to: TestRequest().with("HTTP_CONTENT_ENCODING", encoding)).status == 201)
    }

    @Test("a compressed body that does not say so is named all the same")
    func compressed() async throws {
        let answer = try await TestEndpoint().answer(to: TestRequest().with(body: [0x1F, 0x8B, 8, 0, 0]))
        #expect(answer.status == 400)
        #expect(answer.body.contains("compressed with gzip"))
    }
}
