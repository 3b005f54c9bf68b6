import ForwardProtocol
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
            let endpoint = try await TestEndpoint()
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
            ("[]", "The body is not one JSON object"),
        ])
    func refused(body: String, message: String) async throws {
        let endpoint = try await TestEndpoint()
        let answer = await endpoint.answer(to: Self.request(body))
        #expect(answer.status == 400)
        #expect(answer.body.hasPrefix(message))
        #expect(endpoint.records.isEmpty)
    }

    @Test("without a tracking cookie it is refused as a conversion is, in words of its own")
    func trackingID() async throws {
        let endpoint = try await TestEndpoint()
        let answer = await endpoint.answer(to: Self.request().with("HTTP_COOKIE"))
        #expect(answer.status == 400)
        #expect(
            answer.body == "Failed recording exposure for rule ID article-22 and outcome ID graph/1#1 "
                + "due to missing user tracking ID\n")
    }

    @Test("answers are told apart by door, and once it is known by outcome")
    func tallied() async throws {
        let endpoint = try await TestEndpoint()
        _ = await endpoint.answer(to: Self.request())
        _ = await endpoint.answer(to: TestRequest())
        _ = await endpoint.answer(to: Self.request("{}"))
        _ = await endpoint.answer(to: Self.request().with("DOCUMENT_URI", "/elsewhere"))
        #expect(endpoint.kinds.map(\.door) == [.exposures, .conversions, .exposures, nil])
        #expect(endpoint.kinds.map(\.outcome) == [Self.outcome, Self.outcome, nil, nil])
    }
}
