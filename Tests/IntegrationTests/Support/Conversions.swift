import Analytics
import CCrypto
import Foundation
import HTTPRequests
import Testing

/// What a test sends to the endpoint through nginx.
struct ConversionRequest {
    static let path = "/zephr/public/rule-outcomes/v1/conversions"

    var method = "POST"
    var path = Self.path
    var query = ""
    var cookie: String? = "blaize_tracking_id=TT0123456789ABCD"
    var headers: [(String, String)] = []
    var contentType: String? = "application/json"
    var body = Self.body()
    /// Whether the body's length is not told beforehand.
    var isChunked = false

    static func body(
        rule: String = "article-22", outcome: String = "graph/1#1,graph/1#2", conversion: String = "REGISTERED"
    ) -> String {
        #"{"ruleId": "\#(rule)", "outcomeId": "\#(outcome)", "conversion": "\#(conversion)"}"#
    }

    func with(_ change: (inout ConversionRequest) -> Void) -> ConversionRequest {
        var copy = self
        change(&copy)
        return copy
    }

    /// The request to an origin such as `http://127.0.0.1:8080`; with the address of the visitor that it is from, where
    /// a CDN tells of that.
    func message(to origin: String, from visitor: String? = nil) -> HTTPRequest {
        let suffix = query.isEmpty ? "" : "?\(query)"
        var message = HTTPRequest(
            url: "\(origin)\(path)\(suffix)", method: method, timeoutSeconds: 60, answerBytesMax: 1 << 20)
        if let visitor { message.headers.add("X-Forwarded-For", visitor) }
        if let cookie { message.headers.add("Cookie", cookie) }
        if let contentType { message.headers.add("Content-Type", contentType) }
        for (name, value) in headers { message.headers.add(name, value) }
        if isChunked { message.headers.add("Transfer-Encoding", "chunked") }
        if !["GET", "HEAD"].contains(method) { message.body = Array(body.utf8) }
        return message
    }
}

struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: String
    let version: HTTPResponse.Version

    init(_ response: HTTPResponse) {
        status = response.status
        headers = response.headers
        body = String(decoding: response.body, as: UTF8.self)
        version = response.version
    }
}

extension Deployment {
    /// Sends a request through nginx.
    func send(_ request: ConversionRequest) async throws -> Answer {
        try await Self.send(request, port: port)
    }

    /// The same without the deployment itself, so that it can go where tasks go.
    static func send(_ request: ConversionRequest, port: Int) async throws -> Answer {
        Answer(try await TestHTTP.client.send(request.message(to: "http://127.0.0.1:\(port)")))
    }

    /// Asks the analytics socket.
    func analytics(_ pathAndQuery: String) async throws -> Answer {
        Answer(
            try await TestHTTP.client.send(
                HTTPRequest(
                    url: "http://localhost\(pathAndQuery)", socket: path("analytics.sock"), timeoutSeconds: 20,
                    answerBytesMax: 16 << 20)))
    }
}

enum TestHTTP {
    static let client = HTTPClient(HTTPClient.Options(connectionsPerHost: 64))
}

/// Makes tokens by hand, so that the tests do not trust the code that they test.
enum Tokens {
    static func hs256(secret: String, claims: String = #"{"sub":"reader"}"#, header: String = #"{"alg":"HS256"}"#)
        -> String
    {
        let signed = "\(base64URL(Data(header.utf8))).\(base64URL(Data(claims.utf8)))"
        return "\(signed).\(base64URL(hmac(secret: Array(secret.utf8), message: Array(signed.utf8))))"
    }

    /// Of libcrypto's own, which the programs do not use.
    private static func hmac(secret: [UInt8], message: [UInt8]) -> Data {
        var code = [UInt8](repeating: 0, count: 32)
        let result = EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, secret, secret.count, message, message.count, &code, code.count, nil)
        precondition(result != nil, "libcrypto makes no HMAC")
        return Data(code)
    }

    static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension Deployment {
    func status() async throws -> StatusReport {
        try JSONDecoder().decode(StatusReport.self, from: Data(try await analytics("/v1/status").body.utf8))
    }

    /// What is counted under a rule, once all that is durable has been counted.
    func counts(rule: String = "article-22", site: String = "default") async throws -> [CountedConversion] {
        let durable = try await status().journalSequence
        try await eventually("all \(durable) commits are counted") {
            try await self.status().foldedSequence >= durable
        }
        let answer = try await analytics("/v1/sites/\(site)/outcomes?ruleId=\(rule)")
        guard answer.status == 200 else { return [] }
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8)).rows
            .map(CountedConversion.init)
    }
}

extension Deployment {
    /// A conversion of each of these rule versions, by another visitor each; returns once all are counted.
    func record(_ rules: [String]) async throws {
        for (number, rule) in rules.enumerated() {
            let request = ConversionRequest(
                cookie: "blaize_tracking_id=v\(number); blaize_session=s", body: ConversionRequest.body(rule: rule))
            #expect(try await send(request).status == 201)
        }
        _ = try await counts()
    }
}

/// A conversion in a report, beside the outcome that it is under.
struct CountedConversion: Equatable {
    let outcomeId: String?
    let outcomeName: String?
    let conversion: String?
    let visitors: Int
    let events: Int

    init(_ outcome: OutcomesReport.Outcome, _ conversion: OutcomesReport.Conversion) {
        outcomeId = outcome.outcomeId
        outcomeName = outcome.outcomeName
        self.conversion = conversion.conversion
        visitors = conversion.visitors ?? 0
        events = conversion.events
    }
}

extension Deployment {
    /// Every conversion that was answered 201 is counted exactly once, and no other more than that. `answers` are the
    /// statuses by the conversion's name, which is its visitor's too.
    func expectExactCounts(of answers: [String: Int]) async throws {
        let events = try await counts().reduce(into: [String: Int]()) { events, row in
            events[row.conversion ?? "", default: 0] += row.events
        }
        let lost = answers.filter { $0.value == 201 && events[$0.key] == nil }
        let twice = events.filter { $0.value > 1 }
        let unasked = events.keys.filter { answers[$0] == nil }
        #expect(lost.isEmpty, "\(lost.count) of \(answers.count) acknowledged conversions are not counted")
        #expect(twice.isEmpty, "\(twice.count) conversions are counted more than once")
        #expect(unasked.isEmpty)
        let refused = answers.filter { ![201, 503].contains($0.value) && events[$0.key] != nil }
        #expect(refused.isEmpty, "\(refused.count) refused conversions are counted")
    }
}

/// Asks until `condition` holds: for what no event tells of, such as a report that is up to a second behind.
func eventually(
    _ expectation: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(20))
    }
    Issue.record("not within \(limit): \(expectation)")
}
