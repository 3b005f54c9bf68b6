import FastCGI
import Testing

@testable import Responder

@Suite("Each answer")
struct AnswerTests {
    @Test("a request with nothing wrong is recorded: 201 with an empty body")
    func recorded() async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer()
        #expect(answer.status == 201)
        #expect(answer.body.isEmpty)
        #expect(answer.header("Cache-Control") == "no-store")
        #expect(endpoint.records.count == 1)
    }

    @Test(
        "a fault has its status, and its body says what is wrong",
        arguments: [
            (Fault.otherPath, 404, "POST /zephr/public/rule-outcomes/v1/conversions"),
            (.unknownSite, 500, "not set up for this site"),
            (.parametersTooLarge, 431, "65536 bytes"),
            (.otherMethod, 405, "POST"),
            (.analyticsOff, 404, "switched off"),
            (.originNotListed, 403, "origin"),
            (.crossSiteWithoutOrigin, 403, "origin"),
            (.originIsNone, 403, "512 bytes"),
            (.contentTypeMissing, 415, "application/json"),
            (.contentTypeOther, 415, "application/json"),
            (.contentEncoded, 415, "Content-Encoding is gzip"),
            (.bodyTooLarge, 413, "16384 bytes"),
            (.bodyNotJSON, 400, "at byte"),
            (.fieldMissing, 400, "outcomeId"),
            (.trackingIDMissing, 400, "due to missing user tracking ID"),
            (.trackingIDTooLong, 400, "256 bytes"),
            (.trackingIDNoCookie, 400, "cookie may not hold"),
            (.credentialMissing, 401, "no credential"),
            (.credentialRefused, 401, "expired"),
            (.tooManyCredentials, 400, "more than 8 credentials"),
            (.sessionUnavailable, 503, "Try again"),
            (.notForwarded, 503, "Try again"),
        ])
    func fault(_ fault: Fault, status: Int, words: String) async throws {
        let answer = try await Fault.meet([fault]).answer
        #expect(answer.status == status)
        #expect(answer.body.contains(words))
    }

    @Test("a refusal's body is one line of plain text, not to be sniffed or stored", arguments: Fault.refusals)
    func body(_ fault: Fault) async throws {
        let answer = try await Fault.meet([fault]).answer
        #expect(answer.body.hasSuffix("\n"))
        #expect(answer.body.dropLast().allSatisfy { !$0.isNewline })
        #expect(answer.body.count > 20)
        #expect(answer.all("Content-Type") == ["text/plain; charset=utf-8"])
        #expect(answer.all("X-Content-Type-Options") == ["nosniff"])
        #expect(answer.all("Cache-Control") == ["no-store"])
        #expect(answer.all("Content-Length").allSatisfy { Int($0) == answer.body.utf8.count })
    }

    @Test("a refusal is counted once, under its status, and forwards nothing", arguments: Fault.refusals)
    func tally(_ fault: Fault) async throws {
        let meeting = try await Fault.meet([fault])
        #expect(meeting.endpoint.kinds.map { Int($0.status) } == [meeting.answer.status])
        #expect(meeting.endpoint.kinds.allSatisfy { !$0.reason.isEmpty })
        #expect(meeting.endpoint.records.count == (fault == .notForwarded ? 1 : 0))
    }

    @Test("another method is answered with those that are allowed", arguments: ["GET", "PUT", "post", "", "HEAD"])
    func methods(_ method: String) async throws {
        let answer = try await TestEndpoint().answer(to: TestRequest().with("REQUEST_METHOD", method))
        #expect(answer.status == 405)
        #expect(answer.all("Allow") == ["POST, OPTIONS"])
    }

    @Test("every answer that asks to be tried again says when", arguments: [Fault.sessionUnavailable, .notForwarded])
    func retryAfter(_ fault: Fault) async throws {
        let answer = try await Fault.meet([fault]).answer
        let seconds = try #require(answer.header("Retry-After").flatMap { Int($0) })
        #expect(seconds > 0)
    }

    @Test(
        "a record that is not known to be durable is a 503 that says when to try again",
        arguments: [
            ForwardingFate.tooManyInFlight, .aggregatorAway, .deadlinePassed, .journalFull,
        ])
    func fates(_ fate: ForwardingFate) async throws {
        let answer = try await TestEndpoint(fate: fate).answer()
        #expect(answer.status == 503)
        let seconds = try #require(answer.header("Retry-After").flatMap { Int($0) })
        #expect(seconds > 0)
    }

    @Test("parameters of exactly 64 KiB are taken, one byte more is refused", arguments: [(0, 201), (1, 431)])
    func parameterLimit(excess: Int, status: Int) async throws {
        let bare = TestRequest().with("HTTP_X_FILLER", "")
        let room = 64 * 1024 - bare.parameterBytes
        let full = bare.with("HTTP_X_FILLER", String(repeating: "x", count: room + excess))
        #expect(full.parameterBytes == 64 * 1024 + excess)
        #expect(try await TestEndpoint().answer(to: full).status == status)
    }

    @Test("control characters in an echoed path and method are escaped")
    func echoes() async throws {
        let endpoint = try TestEndpoint()
        let path = await endpoint.answer(to: TestRequest().with("DOCUMENT_URI", "/a\u{1B}[31m\r\nb\u{85}"))
        #expect(path.body.contains(#"/a\u{1b}[31m\u{d}\u{a}b\u{85}"#))
        let method = await endpoint.answer(to: TestRequest().with("REQUEST_METHOD", "G\u{7F}T"))
        #expect(method.body.contains(#"G\u{7f}T"#))
    }

    @Test("a body of another length than announced is refused with both lengths")
    func cutBody() async throws {
        let request = TestRequest().replacing { $0.otherBody = .otherLength(bytes: 7, announced: "12") }
        let answer = try await TestEndpoint().answer(to: request)
        #expect(answer.status == 400)
        #expect(answer.body.contains("7 bytes") && answer.body.contains("12"))
    }
}

extension Fault {
    /// All but the exclusion, which is answered without a body.
    static let refusals = allCases.filter { $0 != .excluded }
}
