import Records
import Testing

@testable import Responder

@Suite("Exposures")
struct ExposureTests {
    private static let path = "/zephr/public/rule-outcomes/v1/exposures"
    private static let outcome = TallyEntry.Outcome(ruleID: "article-22", outcomeID: "graph/1#1")

    private static func request(
        _ body: String = #"{"ruleId": "article-22", "outcomeId": "graph/1#1"}"#
    ) -> TestRequest {
        var request = TestRequest().with("DOCUMENT_URI", path)
        request.otherBody = .bytes(Array(body.utf8))
        return request
    }

    @Test("an exposure is a rule version and an outcome; members beyond these are ignored")
    func recorded() async throws {
        for body in [
            #"{"ruleId": "article-22", "outcomeId": "graph/1#1"}"#,
            #"{"ruleId": "article-22", "outcomeId": "graph/1#1", "conversion": 7}"#,
        ] {
            let endpoint = try TestEndpoint()
            #expect(await endpoint.answer(to: Self.request(body)).status == 201)
            let expected = Event.exposure(Exposure(ruleID: "article-22", outcomeID: "graph/1#1"))
            #expect(endpoint.records.map(\.event) == [expected])
        }
    }

    @Test(
        "it is checked like a conversion",
        arguments: [
            (#"{"ruleId": "article-22"}"#, "The body's outcomeId is missing; it is a string."),
            (#"{"ruleId": "", "outcomeId": "graph/1#1"}"#, "The body's ruleId is empty."),
            ("7", "The body is not one JSON object"),
        ])
    func refused(body: String, message: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request(body))
        #expect(answer.status == 400)
        #expect(answer.body.hasPrefix(message))
        #expect(endpoint.records.isEmpty)
    }

    @Test("without a tracking cookie it is refused as a conversion is, in words of its own")
    func trackingID() async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request().with("HTTP_COOKIE"))
        #expect(answer.status == 400)
        #expect(
            answer.body == "Failed recording exposure for rule ID article-22 and outcome ID graph/1#1 "
                + "due to missing user tracking ID\n")
    }

    @Test("answers are told apart by door, and once it is known by outcome")
    func tallied() async throws {
        let endpoint = try TestEndpoint()
        _ = await endpoint.answer(to: Self.request())
        _ = await endpoint.answer(to: TestRequest())
        _ = await endpoint.answer(to: Self.request("{}"))
        _ = await endpoint.answer(to: Self.request().with("DOCUMENT_URI", "/elsewhere"))
        #expect(endpoint.kinds.map(\.door) == [.exposures, .conversions, .exposures, nil])
        #expect(endpoint.kinds.map(\.outcome) == [Self.outcome, Self.outcome, nil, nil])
    }

    // MARK: Arrays

    private static func array(_ count: Int) -> String {
        let elements = (0..<count).map { "{\"ruleId\": \"article-22\", \"outcomeId\": \"graph/1#\($0)\"}" }
        return " [\(elements.joined(separator: ", "))]"
    }

    @Test("an array is so many records, each with an id of its own that stays with a retry", arguments: [1, 2, 64])
    func batch(_ count: Int) async throws {
        let endpoint = try TestEndpoint()
        for _ in 0..<2 { #expect(await endpoint.answer(to: Self.request(Self.array(count))).status == 201) }
        let first = endpoint.records.prefix(count)
        let expected = (0..<count).map { Event.exposure(Exposure(ruleID: "article-22", outcomeID: "graph/1#\($0)")) }
        #expect(Set(first.map(\.event)) == Set(expected))
        #expect(first.count == count)
        #expect(Set(first.map(\.id)).count == count)
        #expect(Set(first.map(\.id)) == Set(endpoint.records.dropFirst(count).map(\.id)))
        #expect(Set(first.map(\.subject)).count == 1)
        let request = try #require(RecordID(hex: TestRequest.requestID))
        let ids = Dictionary(uniqueKeysWithValues: first.map { ($0.event, $0.id) })
        for (index, event) in expected.enumerated() {
            #expect(ids[event] == RecordID(request: request, index: UInt8(index)))
        }
    }

    @Test(
        "an exposure nests as deep in an array as it does alone, which is 32, and no deeper",
        arguments: [31, 32, 33, 40])
    func depth(_ depth: Int) async throws {
        let brackets = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
        let exposure = #"{"ruleId": "a", "outcomeId": "b", "x": \#(brackets)}"#
        for body in [exposure, "[\(exposure)]", #"[{"ruleId": "a", "outcomeId": "b"}, \#(exposure)]"#] {
            let endpoint = try TestEndpoint()
            #expect(await endpoint.answer(to: Self.request(body)).status == (depth <= 32 ? 201 : 400))
            #expect(endpoint.records.isEmpty == (depth > 32))
        }
    }

    @Test(
        "of an array with a fault nothing is recorded, and the first fault is named with its place",
        arguments: [
            ("[]", "The body's array is empty."),
            (array(65), "The body's array has 65 exposures, of which 64 may come at once."),
            (#"[{"ruleId": "a", "outcomeId": "b"}, 7, {}]"#, "The body's [1] is not an object."),
            (#"[{"ruleId": "a", "outcomeId": "b"}, {"ruleId": "a"}, 7]"#, "The body's [1].outcomeId is missing"),
            (#"[{"ruleId": "", "outcomeId": "b"}]"#, "The body's [0].ruleId is empty."),
            ("[[]]", "The body's [0] is not an object."), ("[null]", "The body's [0] is not an object."),
            ("[{}", "The body is not one JSON array: "), ("[1] 2", "The body is not one JSON array: "),
            ("[// a\n]", "The body is not one JSON array: the JSON has a comment"),
        ])
    func faultyBatch(body: String, message: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request(body))
        #expect(answer.status == 400)
        #expect(answer.body.hasPrefix(message))
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.kinds.map(\.status) == [400])
        #expect(endpoint.kinds.map(\.outcome) == [nil])
    }

    @Test("an array is none for a conversion")
    func batchOfConversions() async throws {
        let body = #"[{"ruleId": "a", "outcomeId": "b", "conversion": "c"}]"#
        let answer = try await TestEndpoint().answer(to: TestRequest().with(body: body))
        #expect(answer.status == 400)
        #expect(answer.body.hasPrefix("The body is not one JSON object: the JSON is not an object in braces"))
    }

    @Test("the same exposure twice in an array is two events of one visitor")
    func duplicates() async throws {
        let endpoint = try TestEndpoint()
        let one = #"{"ruleId": "a", "outcomeId": "b"}"#
        #expect(await endpoint.answer(to: Self.request("[\(one),\(one)]")).status == 201)
        #expect(Set(endpoint.records.map(\.id)).count == 2)
        #expect(Set(endpoint.records.map(\.event)).count == 1)
    }

    @Test("an array that is not all durable is a 503, and the tally has each exposure by what became of it")
    func partlyDurable() async throws {
        let endpoint = try TestEndpoint(fate: { $0.event.outcomeID == "graph/1#1" ? .journalFull : .durable })
        let answer = await endpoint.answer(to: Self.request(Self.array(3)))
        #expect(answer.status == 503)
        #expect(answer.header("Retry-After") == "10")
        #expect(endpoint.records.count == 3)
        #expect(endpoint.kinds.map(\.status) == [201, 503, 201])
        #expect(endpoint.kinds.map(\.outcome?.outcomeID) == ["graph/1#0", "graph/1#1", "graph/1#2"])
        #expect(endpoint.kinds.map(\.reason) == ["durable", "journal-full", "durable"])
    }

    @Test("an array that is refused as a whole is tallied for each of its exposures")
    func refusedBatch() async throws {
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: Self.request(Self.array(3)).bare).status == 401)
        #expect(endpoint.kinds.map(\.reason) == ["no-credential", "no-credential", "no-credential"])
        #expect(Set(endpoint.kinds.map(\.outcome?.outcomeID)).count == 3)
        #expect(endpoint.records.isEmpty)
    }
}
