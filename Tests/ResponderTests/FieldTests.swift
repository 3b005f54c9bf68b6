import Testing

@testable import Responder

@Suite("The body's fields")
struct FieldTests {
    private static let limits: [(String, Int)] = [("ruleId", 256), ("outcomeId", 1024), ("conversion", 256)]
    private static let names = ["ruleId", "outcomeId", "conversion"]

    private static func request(_ name: String, _ text: String) -> TestRequest {
        TestRequest().with(member: name, "\"\(text)\"")
    }

    private func expectRefused(_ name: String, _ json: String?) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: TestRequest().with(member: name, json))
        #expect(answer.status == 400)
        #expect(answer.body.contains(name))
        #expect(endpoint.records.isEmpty)
    }

    @Test("a field at its limit in bytes is taken whole", arguments: limits)
    func atLimit(name: String, bytesMax: Int) async throws {
        let texts = [
            String(repeating: "x", count: bytesMax), String(repeating: "é", count: bytesMax / 2),
            String(repeating: "😀", count: bytesMax / 4), String(repeating: "x", count: bytesMax - 2) + "é",
        ]
        for text in texts {
            #expect(text.utf8.count == bytesMax)
            let endpoint = try TestEndpoint()
            #expect(await endpoint.answer(to: Self.request(name, text)).status == 201)
            let event = try #require(endpoint.records.first).event
            #expect([event.ruleID, event.outcomeID, event.conversionName].contains(text))
        }
    }

    @Test("a field one byte over its limit is refused by name", arguments: limits)
    func overLimit(name: String, bytesMax: Int) async throws {
        let texts = [
            String(repeating: "x", count: bytesMax + 1), String(repeating: "é", count: bytesMax / 2) + "x",
            String(repeating: "x", count: bytesMax - 1) + "é", String(repeating: "x", count: bytesMax - 3) + "😀",
        ]
        for text in texts {
            #expect(text.utf8.count == bytesMax + 1)
            let answer = try await TestEndpoint().answer(to: Self.request(name, text))
            #expect(answer.status == 400)
            #expect(answer.body.contains(name) && answer.body.contains("\(bytesMax) bytes"))
        }
    }

    @Test("a field that is missing is refused by name", arguments: names)
    func missing(_ name: String) async throws {
        try await expectRefused(name, nil)
    }

    @Test("a field that is no string is refused by name", arguments: names, ["null", "1", "true", "[\"a\"]", "{}"])
    func notAString(_ name: String, _ json: String) async throws {
        try await expectRefused(name, json)
    }

    @Test("an empty field is refused by name", arguments: names)
    func empty(_ name: String) async throws {
        try await expectRefused(name, #""""#)
    }

    @Test(
        "a field with a control character is refused by name", arguments: names,
        [#"a\u0001b"#, #"a\n"#, #"\tb"#, #"\u001f"#, #"a\u007fb"#, #"a\u0085b"#, "a\u{7F}b", "a\u{9F}b"])
    func controlCharacter(_ name: String, _ text: String) async throws {
        try await expectRefused(name, "\"\(text)\"")
    }

    @Test(
        "what is no control character is taken as it stands", arguments: names,
        [" ", "a b", "graph/1#1,graph/1#2", #"\"quoted\" \\ '"#, "=1+1", "naïve", "日本語", #"\ud83d\ude00"#, "e\u{301}"])
    func taken(_ name: String, _ text: String) async throws {
        #expect(try await TestEndpoint().answer(to: Self.request(name, text)).status == 201)
    }

    @Test("names are compared exactly", arguments: ["ruleID", "RuleId", "rule_id", "ruleId "])
    func otherNames(_ name: String) async throws {
        let request = TestRequest().with(member: "ruleId", nil).with(member: name, #""article-22""#)
        let answer = try await TestEndpoint().answer(to: request)
        #expect(answer.status == 400)
        #expect(answer.body.contains("ruleId is missing"))
    }
}
