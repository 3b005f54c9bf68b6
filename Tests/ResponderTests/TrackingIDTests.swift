import Records
import Testing

@testable import Responder

@Suite("Tracking ids")
struct TrackingIDTests {
    private static func answer(_ cookies: String...) async throws -> (status: Int, body: String, subjects: [Subject]) {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: TestRequest().with("HTTP_COOKIE").repeating("HTTP_COOKIE", cookies))
        return (answer.status, answer.body, endpoint.records.map(\.subject))
    }

    @Test(
        "one that is missing is answered in the documented words",
        arguments: [
            "", "a=b", "blaize_tracking_id", "blaize_tracking_id=", #"blaize_tracking_id="""#, "xblaize_tracking_id=a",
            "blaize_tracking_idx=a",
        ])
    func missing(_ cookie: String) async throws {
        let answer = try await Self.answer(cookie)
        #expect(answer.status == 400)
        let text =
            "Failed recording conversion REGISTERED for rule ID article-22 and outcome ID graph/1#1 "
            + "due to missing user tracking ID"
        #expect(answer.body == text + "\n")
        #expect(answer.subjects.isEmpty)
    }

    @Test("those words hold the request's own values")
    func missingWithOtherValues() async throws {
        let request = TestRequest().with("HTTP_COOKIE").with(member: "ruleId", #""räksmörgås""#)
            .with(member: "outcomeId", #""graph/1#1,graph/2#1""#).with(member: "conversion", #""a \"b\"""#)
        let answer = try await TestEndpoint().answer(to: request)
        let text =
            "Failed recording conversion a \"b\" for rule ID räksmörgås and outcome ID graph/1#1,graph/2#1 "
            + "due to missing user tracking ID"
        #expect(answer.body == text + "\n")
    }

    @Test(
        "one of up to 256 bytes that a cookie may hold is taken",
        arguments: [
            "TT0123456789ABCD", "a", "3C0A1F2E-8D5B-4C6F-9A7E-112233445566", String(repeating: "a", count: 256),
            "a=b==",
            "!#$%&'()*+-./:<=>?@[]^_`{|}~",
        ])
    func taken(_ value: String) async throws {
        #expect(try await Self.answer("blaize_tracking_id=\(value)").status == 201)
    }

    @Test("one of 257 bytes is refused")
    func tooLong() async throws {
        let answer = try await Self.answer("blaize_tracking_id=" + String(repeating: "a", count: 257))
        #expect(answer.status == 400)
        #expect(answer.body.contains("256 bytes"))
    }

    @Test(
        "one with bytes that a cookie may not hold is refused",
        arguments: ["a b", "\"a", "a\\b", "a,b", "é", "a\u{1}", "a\u{7F}", "a\tb", "a ;b=c"])
    func noCookie(_ value: String) async throws {
        let answer = try await Self.answer("blaize_tracking_id=\(value)")
        #expect(answer.status == 400)
        #expect(answer.body.contains("may not hold"))
        #expect(answer.subjects.isEmpty)
    }

    @Test(
        "of several the first counts, in one header and in several",
        arguments: [
            ["blaize_tracking_id=TT0123456789ABCD; blaize_tracking_id=other"],
            ["blaize_tracking_id=TT0123456789ABCD", "blaize_tracking_id=other"],
            ["a=b", "c=d; BLAIZE_Tracking_ID=TT0123456789ABCD", "blaize_tracking_id=other"],
        ])
    func first(_ cookies: [String]) async throws {
        let endpoint = try TestEndpoint()
        let request = TestRequest().with("HTTP_COOKIE").repeating("HTTP_COOKIE", cookies)
        #expect(await endpoint.answer(to: request).status == 201)
        #expect(endpoint.records.map(\.subject.value) == [0x5518_828c_2429_9948_c4f3_e55f_db56_9f8f])
    }

    @Test("one in quotes is the one without")
    func quoted() async throws {
        let plain = try await Self.answer("blaize_tracking_id=TT0123456789ABCD")
        let quoted = try await Self.answer(#"blaize_tracking_id="TT0123456789ABCD""#)
        #expect(quoted.status == 201)
        #expect(quoted.subjects == plain.subjects)
    }

    @Test("nginx's own word on which cookie it is counts before the header, if it is empty, too")
    func nginxsOwn() async throws {
        let endpoint = try TestEndpoint()
        // nginx from 1.23 on does not split cookies at commas.
        let request = TestRequest().with(
            "HTTP_COOKIE", "a=b, blaize_tracking_id=other; blaize_tracking_id=TT0123456789ABCD")
        #expect(await endpoint.answer(to: request.with("TRACKING_COOKIE", "TT0123456789ABCD")).status == 201)
        #expect(await endpoint.answer(to: request.with("TRACKING_COOKIE", #""TT0123456789ABCD""#)).status == 201)
        #expect(Set(endpoint.records.map(\.subject.value)) == [0x5518_828c_2429_9948_c4f3_e55f_db56_9f8f])
        let answer = await endpoint.answer(to: request.with("TRACKING_COOKIE", ""))
        #expect(answer.body.contains("missing user tracking ID"))
    }

    @Test("an empty first counts as empty")
    func emptyFirst() async throws {
        #expect(try await Self.answer("blaize_tracking_id=; blaize_tracking_id=a").body.contains("missing user"))
        #expect(try await Self.answer("blaize_tracking_id=", "blaize_tracking_id=a").body.contains("missing user"))
    }
}
