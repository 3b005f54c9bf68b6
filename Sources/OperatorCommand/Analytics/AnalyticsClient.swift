import Analytics
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// Asks the aggregator's analytics over their Unix socket.
struct AnalyticsClient: Sendable {
    /// Beyond any report that the configured limits allow for.
    private static let bodyBytesMax = 256 << 20
    private static let timeout = TimeAmount.seconds(30)

    private let socket: String
    private let client: HTTPClient

    /// Gives `body` a client whose connections are closed afterwards.
    static func open<Result>(
        socket: String, _ body: (AnalyticsClient) async throws -> Result
    ) async throws -> Result {
        try await HTTPClient.withHTTPClient(configuration: .impatient()) { client in
            try await body(AnalyticsClient(socket: socket, client: client))
        }
    }

    func status() async throws(CommandFailure) -> StatusReport {
        try Self.decode(try await body(of: .status))
    }

    /// What is counted under a rule version; nil when the site has no conversions of it.
    func outcomes(site: String, ruleID: String) async throws(CommandFailure) -> OutcomesReport? {
        let answer = try await answer(to: .outcomes(site: site, ruleID: ruleID))
        return answer.status == 404 ? nil : try Self.decode(try answer.bodyOfSuccess())
    }

    /// The answer's body as it came.
    func body(of address: AnalyticsAddress) async throws(CommandFailure) -> [UInt8] {
        try await answer(to: address).bodyOfSuccess()
    }

    static func decode<Report: Decodable>(_ body: [UInt8]) throws(CommandFailure) -> Report {
        do {
            return try JSONDecoder().decode(Report.self, from: Data(body))
        } catch {
            throw .data("the aggregator's answer is not one that this version knows: is it of another version?")
        }
    }

    private func answer(to address: AnalyticsAddress) async throws(CommandFailure) -> AnalyticsAnswer {
        do {
            let request = HTTPClientRequest(url: address.url(socket: socket))
            let response = try await client.execute(request, timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.bodyBytesMax)
            return AnalyticsAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch {
            throw .unavailable(ConnectionFault(error).explanation(analyticsSocket: socket))
        }
    }
}

extension HTTPClient.Configuration {
    /// Says at once when nobody listens, where the default goes on trying, and opens up to so many connections.
    static func impatient(connections: Int = 1) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.timeout.connect = .seconds(5)
        configuration.httpVersion = .http1Only
        return configuration
    }
}
