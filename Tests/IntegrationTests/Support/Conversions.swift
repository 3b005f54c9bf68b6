import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

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
}

struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: String
    var version = HTTPVersion.http1_1
}

extension Deployment {
    /// Sends a request through nginx.
    func send(_ request: ConversionRequest) async throws -> Answer {
        try await Self.send(request, port: port)
    }

    /// The same without the deployment itself, so that it can go where tasks go.
    static func send(_ request: ConversionRequest, port: Int) async throws -> Answer {
        let suffix = request.query.isEmpty ? "" : "?\(request.query)"
        var message = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(request.path)\(suffix)")
        message.method = HTTPMethod(rawValue: request.method)
        if let cookie = request.cookie { message.headers.add(name: "Cookie", value: cookie) }
        if let type = request.contentType { message.headers.add(name: "Content-Type", value: type) }
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if request.isChunked {
            message.body = .bytes(Array(request.body.utf8), length: .unknown)
        } else if request.method != "GET" {
            message.body = .bytes(ByteBuffer(string: request.body))
        }
        let response = try await TestHTTP.client.execute(message, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }

    /// Asks the analytics socket.
    func analytics(_ pathAndQuery: String) async throws -> Answer {
        let socket = path("analytics.sock").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let message = HTTPClientRequest(url: "http+unix://\(socket)\(pathAndQuery)")
        let response = try await TestHTTP.client.execute(message, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }
}

enum TestHTTP {
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
