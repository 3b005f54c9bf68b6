import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

extension ForeignSite {
    private static let client = makeClient()
    /// For load: over HTTP/1.1, because the client gives up what it has just sent where a server ends an HTTP/2
    /// connection after a thousand requests, as nginx does. Browsers send it again.
    private static let loadClient = makeClient(httpVersion: .http1Only)

    /// Resolves the site's names to this machine, and takes its certificates, which nobody has signed.
    private static func makeClient(httpVersion: HTTPClient.Configuration.HTTPVersion = .automatic) -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.dnsOverride = Dictionary(uniqueKeysWithValues: names.map { ($0, "127.0.0.1") })
        configuration.httpVersion = httpVersion
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Sends a request to a site over TLS, as the CDN would for the visitor at that address.
    func send(
        _ request: ConversionRequest, to name: String = "www.example.com", from visitor: String = "192.0.2.1"
    ) async throws -> Answer {
        try await Self.send(request, to: name, port: securePort, from: visitor)
    }

    /// The same without the site itself, so that it can go where tasks go.
    static func send(
        _ request: ConversionRequest, to name: String, port: Int, from visitor: String, scheme: String = "https",
        isLoad: Bool = false
    ) async throws -> Answer {
        let suffix = request.query.isEmpty ? "" : "?\(request.query)"
        var message = HTTPClientRequest(url: "\(scheme)://\(name):\(port)\(request.path)\(suffix)")
        message.method = HTTPMethod(rawValue: request.method)
        message.headers.add(name: "X-Forwarded-For", value: visitor)
        if let cookie = request.cookie { message.headers.add(name: "Cookie", value: cookie) }
        if let type = request.contentType { message.headers.add(name: "Content-Type", value: type) }
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if !["GET", "HEAD"].contains(request.method) { message.body = .bytes(ByteBuffer(string: request.body)) }
        let response = try await (isLoad ? loadClient : client).execute(message, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: String(buffer: body),
            version: response.version)
    }

    /// A conversion with a token that the site takes.
    func withToken(visitor: String = "visitor", conversion: String = "REGISTERED") -> ConversionRequest {
        ConversionRequest(
            cookie: "blaize_tracking_id=\(visitor)",
            headers: [("Authorization", "Bearer \(Tokens.hs256(secret: deployment.secret))")],
            body: ConversionRequest.body(conversion: conversion))
    }

    /// A conversion with a session cookie.
    static func withSession(_ session: String = validSession, visitor: String = "visitor") -> ConversionRequest {
        ConversionRequest(cookie: "blaize_tracking_id=\(visitor); blaize_session=\(session)")
    }

    /// A page that has nothing to do with conversions.
    static let page = ConversionRequest(method: "GET", path: "/", cookie: nil, contentType: nil)
}
