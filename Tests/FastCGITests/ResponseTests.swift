import Testing

@testable import FastCGI

@Suite("Responses")
struct ResponseTests {
    @Test("a response is a status line, headers, an empty line and a body")
    func encoding() {
        var response = Response(status: 405, reasonPhrase: "Method Not Allowed", body: "Use POST.\n")
        response.add("Allow", "POST, OPTIONS")
        response.add("Vary", "Origin")
        #expect(
            text(response)
                == "Status: 405 Method Not Allowed\r\nAllow: POST, OPTIONS\r\nVary: Origin\r\n\r\nUse POST.\n")
    }

    @Test(
        "an answer of any length comes whole, under its request's id",
        arguments: [0, 1, 65_400, 65_535, 65_536, 200_000])
    func length(bodyBytes: Int) throws {
        let body = String(repeating: "b", count: bodyBytes)
        let encoded = Response(status: 200, reasonPhrase: "OK", body: body).encoded()
        for id: UInt16 in [1, 2, 65_535] {
            var rest = encoded.records(ofRequest: id)[...]
            var answer = Answer()
            while rest.count >= 8 {
                let header = Array(rest.prefix(8))
                let count = Int(header[4]) << 8 | Int(header[5])
                rest = rest.dropFirst(8)
                try answer.take(header: header, content: Array(rest.prefix(count)))
                rest = rest.dropFirst(count + Int(header[6]))
            }
            #expect(rest.isEmpty && answer.isEnded)
            #expect(answer.requestID == Int(id))
            #expect(answer.output == encoded.bytes)
            #expect(answer.body == body)
        }
    }

    @Test("a response may have neither headers nor a body")
    func bare() {
        #expect(text(Response(status: 201, reasonPhrase: "Created")) == "Status: 201 Created\r\n\r\n")
    }

    @Test(
        "a header's value cannot end its line",
        arguments: [
            "a\r\nSet-Cookie: x", "a\nSet-Cookie: x", "a\rSet-Cookie: x", "a\r\n\r\n<html>", "\u{0}a\u{7F}\u{B}",
        ])
    func injection(value: String) {
        var response = Response(status: 200, reasonPhrase: "OK", body: "body")
        response.add("Access-Control-Allow-Origin", value)
        let lines = text(response).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4)
        #expect(lines.first == "Status: 200 OK")
        #expect(lines.dropFirst().first?.hasPrefix("Access-Control-Allow-Origin: ") == true)
        #expect(lines.suffix(2) == ["", "body"])
        #expect(lines.dropLast().allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } })
    }

    @Test("nor can a header's name or the reason phrase")
    func injectionElsewhere() {
        var response = Response(status: 200, reasonPhrase: "OK\r\nX-First: 1")
        response.add("X-Second\r\nX-Third", "2")
        #expect(text(response) == "Status: 200 OKX-First: 1\r\nX-SecondX-Third: 2\r\n\r\n")
    }

    @Test("text that is not ASCII is written as UTF-8")
    func unicode() {
        var response = Response(status: 200, reasonPhrase: "OK", body: "ä\r\nß")
        response.add("X-Name", "süd")
        #expect(text(response) == "Status: 200 OK\r\nX-Name: süd\r\n\r\nä\r\nß")
    }

    @Test("a header is found by its name in any case, the first of several")
    func header() {
        var response = Response(status: 200, reasonPhrase: "OK")
        response.add("Vary", "Origin")
        response.add("vary", "Accept")
        #expect(response.header("VARY") == "Origin")
        #expect(response.header("Allow") == nil)
    }

    private func text(_ response: Response) -> String {
        String(decoding: response.encoded().bytes, as: UTF8.self)
    }
}
