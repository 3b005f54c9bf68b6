import FastCGI
import Records
import Testing

@testable import Responder

@Suite("Requests that nginx excludes")
struct ExclusionTests {
    private static func request(_ reason: String) -> TestRequest {
        TestRequest().with("RULE_OUTCOMES_EXCLUDE", reason)
    }

    @Test("they are answered 204 and tallied by reason, but not forwarded", arguments: ["bot", "staff", "no consent"])
    func excluded(_ reason: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request(reason))
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
        #expect(answer.header("Cache-Control") == "no-store")
        #expect(answer.all("X-Rule-Outcomes-Excluded") == [reason])
        #expect(answer.header("Access-Control-Expose-Headers")?.contains("X-Rule-Outcomes-Excluded") == true)
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.kinds.map(\.status) == [204])
        #expect(endpoint.kinds.allSatisfy { $0.reason.contains(reason) && $0.site == "default" })
    }

    @Test("different reasons are tallied apart, and apart from preflights")
    func apart() async throws {
        let endpoint = try TestEndpoint()
        for reason in ["bot", "staff", "preflight"] { _ = await endpoint.answer(to: Self.request(reason)) }
        _ = await endpoint.answer(to: TestRequest().with("REQUEST_METHOD", "OPTIONS"))
        #expect(Set(endpoint.kinds).count == 4)
    }

    @Test("an empty reason excludes nothing")
    func empty() async throws {
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: Self.request("")).status == 201)
        #expect(endpoint.records.count == 1)
    }

    @Test("neither body, cookie nor credential is looked at")
    func nothingElse() async throws {
        let request = Self.request("bot").with("CONTENT_TYPE").with("HTTP_COOKIE").bare
        for body in [TestRequest.Body.bytes([]), .tooLarge, .otherLength(bytes: 1, announced: "2")] {
            let answer = try await TestEndpoint().answer(to: request.replacing { $0.otherBody = body })
            #expect(answer.status == 204)
        }
    }

    @Test("a preflight is answered as one all the same")
    func preflight() async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request("bot").with("REQUEST_METHOD", "OPTIONS"))
        #expect(answer.status == 204)
        #expect(answer.header("Access-Control-Allow-Origin") == TestRequest.origin)
        #expect(answer.header("X-Rule-Outcomes-Excluded") == nil)
    }

    /// An aggregator closes the connection over a tally that it cannot read.
    @Test(
        "whatever the reason, the tally is one that an aggregator takes",
        arguments: [
            String(repeating: "x", count: 64), String(repeating: "x", count: 1000), String(repeating: "é", count: 27),
            String(repeating: "é", count: 28), String(repeating: "é", count: 32), String(repeating: "é", count: 33),
            String(repeating: "日", count: 21), String(repeating: "😀", count: 16), "\u{1B}[31m\r\n",
            String(repeating: "\n", count: 10), String(repeating: "\n", count: 11), "\u{2028}", " ", "\u{7F}",
        ])
    func tallied(_ reason: String) async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.request(reason))
        #expect(answer.status == 204)
        #expect(answer.headers.map(\.value.utf8.count).reduce(0, +) < 1024)
        let entries = endpoint.kinds.map { TallyEntry(kind: $0, count: 1) }
        let frame = ResponderFrame.encodeAnswers(entries)
        let read = try frame.dropFirst(4).withUnsafeBytes { try ResponderFrame(decoding: $0) }
        guard case .answers(let arrived) = read else { throw try #require(nil as FrameFault?) }
        #expect(arrived == entries)
        #expect(arrived.count == 1)
    }
}
