import Testing

@testable import OperatorCommand

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
