import Records
import Testing

@testable import Responder

@Suite("Bodies")
struct BodyTests {
    private static let members = #""ruleId":"article-22","outcomeId":"graph/1#1","conversion":"REGISTERED""#

    private static func nested(_ depth: Int) -> String {
        "{\(members),\"x\":\(String(repeating: "[", count: depth - 1))\(String(repeating: "]", count: depth - 1))}"
    }

    @Test(
        "a body that is not exactly one JSON object is refused with the byte reached",
        arguments: [
            "", " ", "null", "true", "1", #""marker""#, "[]", "[{\(members)}]", "{\(members)", "{\(members)}}",
            "{\(members)} x", "{\(members)}{}", "{\(members),}", "{\(members),\"marker\"}", "{\(members),\"marker\":}",
            "{\(members),marker:1}", "{\(members),'marker':1}", "{\(members)}/* marker */", "// marker\n{\(members)}",
            "{\(members),\"marker\":01}", "{\(members),\"marker\":NaN}", "{\(members),\"marker\":+1}",
            "{\(members),\"marker\":\"a\nb\"}", "{\(members),\"marker\":\"\\x\"}",
            "{\(members),\"ruleId\":\"marker\"}", "{\(members),\"rule\\u0049d\":\"marker\"}",
            "{\(members),\"x\":{\"marker\":1,\"marker\":2}}", "\u{FEFF}{\(members)}",
            "{\(members),\"marker\":\"\\ud800\"}", "{\(members),\"marker\":\"\\udc00\\ud800\"}",
            "{\(members),\"marker\":\"\\u0000\"}", "{\(members),\"\\u0000marker\":1}", "{\(members),\"marker\":\"\0\"}",
            "{\(members)}\0", "{\(members),\"marker\":1e999}", "{\(members),\"marker\":-1e999}", nested(33),
            "{\"marker\":" + String(repeating: "{\"a\":", count: 40) + "1" + String(repeating: "}", count: 41),
        ])
    func refused(_ body: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: TestRequest().with(body: body))
        #expect(answer.status == 400)
        #expect(answer.body.contains(#/at byte \d+/#))
        #expect(!answer.body.contains("marker") && !answer.body.contains("article-22"))
        #expect(endpoint.records.isEmpty)
    }

    @Test(
        "a body that is not UTF-8 is refused",
        arguments: [[0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) async throws {
        let body = Array("{\(Self.members),\"x\":\"".utf8) + bytes + Array("\"}".utf8)
        let answer = try await TestEndpoint().answer(to: TestRequest().with(body: body))
        #expect(answer.status == 400)
        #expect(answer.body.contains(#/at byte \d+/#))
    }

    @Test(
        "a body that is one JSON object is taken, whatever else is in it",
        arguments: [
            "{\(members)}", " \t\r\n{\(members)}\n ", "{\(members),\"x\":null}", "{\"RULEID\":1,\(members)}",
            "{\(members),\"a\":[1,{\"b\":[]},\"\\ud83d\\ude00\"]}",
            "{\(members),\"a\":1e308,\"b\":12345678901234567890}",
            #"{"r\u0075leId":"article-22","outcomeId":"graph\/1#1","conversion":"REGIST\u0045RED"}"#, nested(32),
            "{\(members),\"é\":1,\"e\u{301}\":2}",
        ])
    func taken(_ body: String) async throws {
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: TestRequest().with(body: body)).status == 201)
        let expected = Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED")
        #expect(endpoint.records.map(\.event) == [.conversion(expected)])
    }

    @Test("a comment, as a printed example may have it, is refused by its name")
    func comment() async throws {
        let body = "{\n  \"ruleId\": \"article-22\", // the rule's version\n  \"outcomeId\": \"graph/1#1\"\n}"
        let answer = try await TestEndpoint().answer(to: TestRequest().with(body: body))
        #expect(answer.status == 400)
        #expect(answer.body.contains("has a comment, and JSON has no comments (at byte 28)"))
    }

    @Test("the byte reached is the place of the fault")
    func position() async throws {
        let answer = try await TestEndpoint().answer(to: TestRequest().with(body: "{\"a\":1}  {}"))
        #expect(answer.body.contains("at byte 10"))
    }
}
