import AsyncHTTPClient
import ConfigurationFile
import FoundationEssentials
import NIOCore

/// Sends exposures and conversions to the endpoint as pages do.
struct EndpointSender: Sendable {
    private struct Body: Encodable {
        let ruleId: String
        let outcomeId: String
        /// Left out where it is nil.
        let conversion: String?
    }

    /// The last answer to a step, and how many attempts it took.
    struct Reply {
        let status: Int
        let reason: String
        let attempts: Int
    }

    private static let timeout = TimeAmount.seconds(10)
    private static let answerBytesMax = 64 * 1024

    let client: HTTPClient
    let url: EndpointURL
    let ruleID: String
    let credentials: SimulatedCredentials

    /// Throws when nothing answers. What is sent is neither exposure nor conversion.
    func probe() async throws(CommandFailure) {
        do {
            _ = try await exchange(HTTPClientRequest(url: url.conversions))
        } catch {
            throw .unavailable(ConnectionFault(error).explanation(url: url.description))
        }
    }

    /// Sends the step until it is answered for good.
    func send(_ step: SimulationPlan.Step, of visitor: SimulatedVisitor) async throws -> Reply {
        var schedule = RetrySchedule()
        while true {
            schedule.begin()
            switch await attempt(try request(step, of: visitor)) {
            case (.final(let status, let reason), _):
                return Reply(status: status, reason: reason, attempts: schedule.attempts)
            case (.again(let reason), let retryAfterSeconds):
                guard !schedule.isExhausted else {
                    let count = RetrySchedule.attemptsMax
                    throw CommandFailure.unavailable("\(step.noun) was not recorded in \(count) attempts: \(reason)")
                }
                try await Task.sleep(for: schedule.pause(retryAfterSeconds: retryAfterSeconds))
            }
        }
    }

    private func attempt(_ request: HTTPClientRequest) async -> (EndpointAnswer, retryAfterSeconds: Int?) {
        do {
            let (response, body) = try await exchange(request)
            let answer = EndpointAnswer(status: Int(response.status.code), body: body)
            return (answer, response.headers.first(name: "Retry-After").flatMap { Int($0) })
        } catch {
            return (.again(reason: ConnectionFault(error).explanation(url: url.description)), nil)
        }
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> (HTTPClientResponse, String) {
        let response = try await client.execute(request, timeout: Self.timeout)
        let body = try await response.body.collect(upTo: Self.answerBytesMax)
        return (response, String(buffer: body))
    }

    private func request(_ step: SimulationPlan.Step, of visitor: SimulatedVisitor) throws -> HTTPClientRequest {
        let key = step.key
        var request = HTTPClientRequest(url: key.conversion == nil ? url.exposures : url.conversions)
        request.method = .POST
        let body = Body(ruleId: ruleID, outcomeId: key.outcomeID, conversion: key.conversion)
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        request.headers.add(name: "Content-Type", value: "application/json")
        if let program = visitor.program { request.headers.add(name: "User-Agent", value: program) }
        var cookies = "blaize_tracking_id=\(visitor.trackingID)"
        if let place = step.place, let token = try credentials.token(visitor: step.visitor) {
            switch place {
            case .bearer: request.headers.add(name: "Authorization", value: "Bearer \(token)")
            case .zephrHeader: request.headers.add(name: "X-Zephr-Jwt", value: token)
            case .blaizeHeader: request.headers.add(name: "X-Blaize-Jwt", value: token)
            case .cookie: cookies += "; blaize_jwt=\(token)"
            case .query, .session: preconditionFailure("tokens are not put there")
            }
        }
        request.headers.add(name: "Cookie", value: cookies)
        return request
    }
}
