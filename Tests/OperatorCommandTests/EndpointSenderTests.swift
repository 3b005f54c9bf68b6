import Testing

@testable import OperatorCommand

@Suite struct EndpointAnswerTests {
    @Test(
        "An answer that says what became of a request is final",
        arguments: [200, 201, 204, 301, 400, 401, 404, 413, 500])
    func final(status: Int) {
        let answer = EndpointAnswer(status: status, body: "why\nmore")
        #expect(answer == .final(status: status, reason: "\(status) why"))
    }

    @Test("What may pass is tried again", arguments: [429, 502, 503, 504])
    func again(status: Int) {
        #expect(EndpointAnswer(status: status, body: "") == .again(reason: "\(status) "))
    }

    @Test("What a server says is fit for a terminal")
    func hostile() {
        let answer = EndpointAnswer(status: 400, body: "\u{1B}[2J" + String(repeating: "x", count: 1000))
        #expect(answer == .final(status: 400, reason: "400 \\u{1b}[2J" + String(repeating: "x", count: 196)))
    }

    @Test("Pauses grow, heed Retry-After, and are bounded, and so are attempts")
    func schedule() {
        var schedule = RetrySchedule()
        var pauses: [Duration] = []
        while !schedule.isExhausted {
            schedule.begin()
            pauses.append(schedule.pause(retryAfterSeconds: nil))
        }
        #expect(pauses.count == RetrySchedule.attemptsMax)
        #expect(pauses.first == .milliseconds(100))
        #expect(pauses.last == .seconds(5))
        #expect(pauses == pauses.sorted())
        #expect(RetrySchedule().pause(retryAfterSeconds: 2) == .seconds(2))
        #expect(RetrySchedule().pause(retryAfterSeconds: .max) == .seconds(5))
        #expect(RetrySchedule().pause(retryAfterSeconds: .min) == .milliseconds(100))
    }
}

@Suite struct EndpointURLTests {
    @Test(
        "Scheme, host and port are enough",
        arguments: ["http://127.0.0.1:8080", "https://www.example.com", "http://[::1]:8080", "http://localhost/"])
    func accepted(text: String) throws {
        let url = try #require(EndpointURL(argument: text))
        let origin = text.hasSuffix("/") ? String(text.dropLast()) : text
        #expect(url.conversions == "\(origin)/zephr/public/rule-outcomes/v1/conversions")
        #expect(url.exposures == "\(origin)/zephr/public/rule-outcomes/v1/exposures")
    }

    @Test(
        "An address with more, or less, is refused",
        arguments: [
            "", "127.0.0.1:8080", "localhost", "ftp://localhost", "http://", "http://localhost/a", "http://localhost?a",
            "http://localhost#a", "http://user@localhost", "http+unix://a",
        ])
    func refused(text: String) {
        #expect(EndpointURL(argument: text) == nil)
    }
}
